"""A transcript: words with their times and confidences, and what was made of them in layers.

Machine text (the words as they were heard, never changed) → reading text (`reading`) → an agent's corrections,
which are kept beside it. What leaves the seat is `masked_text`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from asr.domain.audio.audio_quality import AudioQuality
from asr.domain.chinese_text import joined
from asr.domain.privacy.redaction import Redaction, masked
from asr.domain.reading.pieces import Reading
from asr.domain.slots.slot import Slot
from asr.domain.words import Speaker as Speaker
from asr.domain.words import Word as Word


class TranscriptStatus(StrEnum):
    READY = "ready"
    EMPTY = "empty"  # recognised, but there were no words in it
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a recogniser heard in one recording, and which model it was."""

    words: tuple[Word, ...]
    model: str
    model_version: str = ""

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
    """A stored transcript. `words` and all that is made of them are empty unless the status is ready."""

    recording_id: str
    status: TranscriptStatus
    text: str = field(repr=False)
    words: tuple[Word, ...] = field(repr=False)
    mean_confidence: float | None
    model: str
    failure_code: str | None
    took_ms: int
    created_at: datetime
    model_version: str = ""
    reading: Reading = field(default=Reading(), repr=False)
    slots: tuple[Slot, ...] = field(default=(), repr=False)
    redactions: tuple[Redaction, ...] = field(default=(), repr=False)
    rules_version: str = ""
    audio_quality: AudioQuality | None = None

    @property
    def masked_text(self) -> str:
        """The reading text without what identifies a person: what tickets, departments and exports get."""
        return masked(self.reading.text, self.redactions)


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Each word's confidence weighs as much as the word is long in characters; None without words."""
    characters = sum(len(word.text) for word in words)
    if not characters:
        return None
    return sum(word.confidence * len(word.text) for word in words) / characters
