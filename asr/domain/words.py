"""One recognised word, and who said it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    """Whose side of the line it was. Audio with one side only is the citizen's."""

    CITIZEN = "citizen"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word: [start_ms, end_ms) from the start of the recording, confidence 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    speaker: Speaker = Speaker.CITIZEN


def on_one_timeline(words: Iterable[Word]) -> tuple[Word, ...]:
    """The words of several sides or parts in the order in which they were said."""
    return tuple(sorted(words, key=lambda word: (word.start_ms, word.end_ms)))


def silence_ms(words: Sequence[Word], before: int, after: int) -> int:
    """Between two words, without what is said there."""
    return sum(max(0, words[at + 1].start_ms - words[at].end_ms) for at in range(before, after))
