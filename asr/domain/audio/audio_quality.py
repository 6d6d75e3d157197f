"""What the agent must know of the sound before he trusts the text."""

from dataclasses import dataclass
from enum import StrEnum


class QualityFlag(StrEnum):
    LEADING_SILENCE = "leading_silence"
    TRAILING_SILENCE = "trailing_silence"
    TOO_QUIET = "too_quiet"
    CLIPPED = "clipped"
    NOT_SPEECH = "not_speech"  # music, tones, noise


@dataclass(frozen=True, slots=True)
class AudioQuality:
    """Measured before any level correction. Levels in dBFS (0 is full scale)."""

    flags: tuple[QualityFlag, ...]
    duration_ms: int
    speech_ms: int
    leading_silence_ms: int
    trailing_silence_ms: int
    level_dbfs: float
    """Mean level of the speech; of everything where there is none."""
    peak_dbfs: float
    clipped_share: float
    """Share of samples at full scale, 0..1."""
    channels: int
