"""Finding many phrases in a text at once; of two that overlap the longer one is meant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from asr.domain.rulebook.bare_text import BareText, bare

Meaning = TypeVar("Meaning")

GAP = "…"
_WIDEST_GAP = 8
"""Letters that may stand for the sign `…` of a phrase, within one sentence."""


class PhraseWrong(ValueError):
    """Says what a phrase must look like."""


@dataclass(frozen=True, slots=True)
class Match(Generic[Meaning]):
    """`meaning` was found at the letters [start, end) of a bare text; `parts` are the pieces between its gaps."""

    meaning: Meaning
    phrase: str
    parts: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return self.parts[0][0]

    @property
    def end(self) -> int:
        return self.parts[-1][1]


class Phrases(Generic[Meaning]):
    """Compiled once, asked often: a look into a dictionary for each letter of the text."""

    def __init__(self, meanings: Iterable[tuple[str, Meaning]] = ()) -> None:
        by_head: dict[str, list[tuple[tuple[str, ...], str, Meaning]]] = defaultdict(list)
        for phrase, meaning in meanings:
            parts = phrase_parts(phrase)
            by_head[parts[0][:2]].append((parts, phrase, meaning))
        self._by_head = dict(by_head)

    def in_text(self, text: BareText) -> list[Match[Meaning]]:
        """In the order of the text. One phrase with two meanings gives two matches."""
        found = [match for start in range(len(text.letters) - 1) for match in self._at(text, start)]
        return _without_shadowed(found)

    def _at(self, text: BareText, start: int) -> Iterable[Match[Meaning]]:
        for parts, phrase, meaning in self._by_head.get(text.letters[start : start + 2], ()):
            if places := _places(parts, text, start):
                yield Match(meaning, phrase, places)


def phrase_parts(phrase: str) -> tuple[str, ...]:
    """Raises PhraseWrong."""
    parts = tuple(bare(part).letters for part in phrase.split(GAP))
    if len(parts[0]) < 2 or not all(parts):
        raise PhraseWrong(f"{phrase!r} must begin with two letters or more, and have a letter after each {GAP}")
    return parts


def _places(parts: tuple[str, ...], text: BareText, start: int) -> tuple[tuple[int, int], ...]:
    if not text.letters.startswith(parts[0], start):
        return ()
    places = [(start, start + len(parts[0]))]
    for part in parts[1:]:
        after = places[-1][1]
        at = text.letters.find(part, after, after + _WIDEST_GAP + len(part))
        if at < 0 or not text.is_one_sentence(start, at + len(part)):
            return ()
        places.append((at, at + len(part)))
    return tuple(places)


def _without_shadowed(matches: list[Match[Meaning]]) -> list[Match[Meaning]]:
    """Without those of which a part lies inside a longer part of another: "煤气" is not meant in "煤气费"."""
    shadowed, furthest = set(), 0
    for start, end in sorted({piece for match in matches for piece in match.parts}, key=lambda at: (at[0], -at[1])):
        if end <= furthest:
            shadowed.add((start, end))
        furthest = max(furthest, end)
    return [match for match in matches if shadowed.isdisjoint(match.parts)]
