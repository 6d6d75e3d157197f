"""Measures what the agent must know of a sound: `AudioQuality`."""

import numpy as np
import numpy.typing as npt

from asr.adapters.non_speech import is_not_speech
from asr.adapters.speech_frames import FRAME_MS, active_frames, dbfs, frame_levels, peak_of, speech_level_dbfs
from asr.domain.audio.audio_quality import AudioQuality, QualityFlag

_LONG_LEADING_MS = 3000
_LONG_TRAILING_MS = 5000
_TOO_QUIET_DBFS = -42.0
_FULL = 31949  # G.711's largest values are 32256 (A-law) and 32124 (mu-law)
_CLIPPED_SHARE = 0.005


def measure(samples: npt.NDArray[np.int16], sample_rate: int, channels: int) -> AudioQuality:
    """`channels` is the file's."""
    levels = frame_levels(samples, sample_rate)
    active = active_frames(levels)
    level = speech_level_dbfs(levels, active)
    duration_ms = round(len(samples) * 1000 / sample_rate)
    at = np.flatnonzero(active)
    leading = int(at[0]) * FRAME_MS if len(at) else duration_ms
    trailing = duration_ms - (int(at[-1]) + 1) * FRAME_MS if len(at) else 0
    full = np.count_nonzero(samples >= _FULL) + np.count_nonzero(samples <= -_FULL)
    clipped = float(full) / max(len(samples), 1)
    is_clipped = clipped >= _CLIPPED_SHARE
    is_too_quiet = level < _TOO_QUIET_DBFS  # then only peaks of speech stand out, and those sound like anything
    is_true = {
        QualityFlag.LEADING_SILENCE: leading >= _LONG_LEADING_MS,
        QualityFlag.TRAILING_SILENCE: trailing >= _LONG_TRAILING_MS,
        QualityFlag.TOO_QUIET: is_too_quiet,
        QualityFlag.CLIPPED: is_clipped,
        QualityFlag.NOT_SPEECH: not is_too_quiet and is_not_speech(samples, sample_rate, active, is_clipped=is_clipped),
    }
    return AudioQuality(
        flags=tuple(flag for flag, holds in is_true.items() if holds),
        duration_ms=duration_ms,
        speech_ms=int(np.count_nonzero(active)) * FRAME_MS,
        leading_silence_ms=leading,
        trailing_silence_ms=trailing,
        level_dbfs=round(level, 1),
        peak_dbfs=round(dbfs(peak_of(samples)), 1),
        clipped_share=round(clipped, 5),
        channels=channels,
    )
