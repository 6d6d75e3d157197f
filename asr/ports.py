"""What speech to text needs from outside: somebody who hears words, and somebody who reads audio files."""

from pathlib import Path
from typing import Protocol

from asr.domain.transcript import Recognised


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


class AudioConverter(Protocol):
    """Reads recorded files."""

    def to_pcm(self, path: Path, sample_rate: int) -> bytes:
        """16-bit little-endian mono PCM at `sample_rate`; raises AudioUnreadable (no use trying again)."""
        ...
