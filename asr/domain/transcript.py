"""A transcript: words with their times and confidences, and the text made of them."""

from dataclasses import dataclass
from enum import StrEnum


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
