"""The words of one turn as one text, each word with its place in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from asr.domain.chinese_text import joined
from asr.domain.words import Word, silence_ms

PAUSE = "\ue000"
"""Stands in the text where the speaker paused; a character that nobody can say."""
_PAUSE_MS = 300
"""Silence that ends a number, unless it is said digit by digit."""


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """What one speaker said without a break; word `indexes[i]` is the characters `spans[i]` of the text."""

    words: Sequence[Word]
    indexes: Sequence[int]
    text: str
    spans: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, words: Sequence[Word], indexes: Sequence[int]) -> "HeardTurn":
        text, spans = "", []
        for place, index in enumerate(indexes):
            before = text[-1:]
            if place and silence_ms(words, indexes[place - 1], index) >= _PAUSE_MS:
                text += PAUSE
            part = joined((before, words[index].text))[len(before) :]
            spans.append((len(text), len(text) + len(part)))
            text += part
        return cls(words, indexes, text, spans)

    def plain(self, start: int, end: int) -> str:
        return self.text[start:end].replace(PAUSE, "")

    def silence_ms(self, before: int, after: int) -> int:
        """Between two words, without the hesitations that are said there."""
        return silence_ms(self.words, before, after)
