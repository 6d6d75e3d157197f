"""A transcript: words with their times and confidences, and the text made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asr.domain.chinese_text import joined


class TranscriptStatus(StrEnum):
    READY = "ready"
    EMPTY = "empty"  # recognised, but there were no words in it
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word: [start_ms, end_ms) from the start of the recording, confidence 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a recogniser heard in one recording, and which model it was."""

    words: tuple[Word, ...]
    model: str

    @property
    def text(self) -> str:
        return joined(word.text for word in self.words)

    @property
    def status(self) -> TranscriptStatus:
        return TranscriptStatus.READY if self.text else TranscriptStatus.EMPTY

    @property
    def mean_confidence(self) -> float | None:
        return mean_confidence(self.words)


@dataclass(frozen=True, slots=True)
class TranscriptFacts:
    """A stored transcript. `words` and `text` are empty unless the status is ready."""

    recording_id: str
    status: TranscriptStatus
    text: str
    words: tuple[Word, ...]
    mean_confidence: float | None
    model: str
    failure_code: str | None
    took_ms: int
    created_at: datetime


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Each word's confidence weighs as much as the word is long in characters; None without words."""
    characters = sum(len(word.text) for word in words)
    if not characters:
        return None
    return sum(word.confidence * len(word.text) for word in words) / characters
