"""Cutting phrases into words that a model knows: a recogniser drops an unknown word without a murmur."""

from collections.abc import Collection


def in_known_words(phrase: str, known: Collection[str]) -> list[str] | None:
    """The phrase in as few known words as possible, the longer ones first; None when that cannot be done.

    Chinese is written without spaces, so any split into known words sounds right.
    """
    letters = "".join(phrase.split())
    best: list[list[str] | None] = [None] * len(letters) + [[]]
    for start in range(len(letters) - 1, -1, -1):
        for end in range(len(letters), start, -1):
            rest = best[end]
            if rest is None or letters[start:end] not in known:
                continue
            words = best[start]
            if words is None or len(rest) + 1 < len(words):
                best[start] = [letters[start:end], *rest]
    return best[0] if letters else None
