"""A set of words that is asked for the longest one at a place in a text."""

from collections.abc import Iterable


class Lexicon:
    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = frozenset(words)
        self._longest = max(map(len, self._words), default=0)

    def __bool__(self) -> bool:
        return bool(self._words)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lexicon) and self._words == other._words

    def __hash__(self) -> int:
        return hash(self._words)

    def longest_at(self, text: str, start: int) -> str:
        """The longest word that stands in `text` at `start`; empty when there is none."""
        for end in range(min(len(text), start + self._longest), start, -1):
            if text[start:end] in self._words:
                return text[start:end]
        return ""

    def any_in(self, text: str) -> bool:
        return any(self.longest_at(text, start) for start in range(len(text)))

    def ends(self, text: str) -> bool:
        return any(text[start:] in self._words for start in range(max(0, len(text) - self._longest), len(text)))


NO_WORDS = Lexicon()
