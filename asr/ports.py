"""What speech to text needs from outside: somebody who hears words, and somebody who reads audio files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from asr.domain.audio_quality import AudioQuality
from asr.domain.cutting import Stretch
from asr.domain.rules import Rules
from asr.domain.transcript import Recognised
from asr.domain.words import Speaker


class Recogniser(Protocol):
    """Turns speech into words. One instance serves one process; it keeps nothing between two recordings."""

    @property
    def sample_rate(self) -> int:
        """Hz that `recognise` wants; anything else would give rubbish without a word of warning."""
        ...

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        """Hear 16-bit little-endian mono PCM.

        Word times count from its first sample. Raises RecognitionFailed (worth another try).
        """
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the line: 16-bit little-endian mono PCM."""

    speaker: Speaker
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Sound:
    """A decoded recording at `sample_rate` Hz; all sides are equally long and share one timeline."""

    sample_rate: int
    sides: tuple[Side, ...]
    quality: AudioQuality | None


class AudioConverter(Protocol):
    """Reads recorded files."""

    def decode(self, path: Path, sample_rate: int) -> Sound:
        """Raises AudioUnreadable (no use trying again)."""
        ...


class Cutter(Protocol):
    """Knows where long sound can be cut."""

    def cut(self, pcm: bytes, sample_rate: int) -> Sequence[Stretch]:
        """Stretches of 16-bit mono PCM, in order, that cover it without gap; one when it may stay whole."""
        ...


class RuleBook(Protocol):
    """The rules as they are in force now; a wrong edit leaves the old ones in force."""

    def rules(self) -> Rules: ...
