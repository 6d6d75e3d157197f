"""What is understood of a stream while it is spoken."""

from dataclasses import dataclass

from asr.domain.chinese_text import joined
from asr.domain.words import Word

UNKNOWN = "[unk]"
"""Stands among the words of a stream with phrases for speech that is none of them."""


@dataclass(frozen=True, slots=True)
class LiveText:
    """The words since the last final text; partial ones have no times and may still change."""

    text: str
    words: tuple[Word, ...]
    """Times count from the first sample of the stream."""
    is_final: bool

    @classmethod
    def partial(cls, spoken: str) -> "LiveText":
        return cls(joined(spoken.split()), (), is_final=False)

    @classmethod
    def final(cls, words: tuple[Word, ...]) -> "LiveText":
        return cls(joined(word.text for word in words), words, is_final=True)
