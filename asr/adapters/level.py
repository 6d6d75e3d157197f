"""A voice far too soft is made as loud as a telephone's; everything else stays as it is, sample by sample."""

import warnings

import numpy as np
import numpy.typing as npt

from asr.adapters.speech_frames import active_frames, dbfs, frame_levels

with warnings.catch_warnings():
    warnings.simplefilter("ignore", RuntimeWarning)  # pydub misses an ffmpeg on the PATH; here it needs none
    from pydub import AudioSegment

_TARGET_DBFS = -26.0  # usual speech level of a telephone line (ITU-T P.56, G.100)
_SOFT_DBFS = -38.0
_MOST_GAIN_DB = 30.0
_HIGHEST_PEAK_DBFS = -1.0


def speech_level_dbfs(samples: npt.NDArray[np.int16], sample_rate: int) -> float:
    """Mean level of the frames with speech; of everything where there is none."""
    levels = frame_levels(samples, sample_rate)
    heard = levels[active_frames(levels)]
    chosen = heard if len(heard) else levels
    return dbfs(float(np.sqrt(np.mean(chosen**2)))) if len(chosen) else dbfs(0)


def at_speech_level(samples: npt.NDArray[np.int16], sample_rate: int) -> bytes:
    """16-bit PCM. The gain is bounded and stays below the loudest sample's limit, so nothing is ever clipped."""
    pcm = samples.astype("<i2", copy=False).tobytes()
    level = speech_level_dbfs(samples, sample_rate)
    if level >= _SOFT_DBFS:
        return pcm
    peak = dbfs(float(np.abs(samples.astype(np.int32)).max(initial=0)))
    gain_db = min(_TARGET_DBFS - level, _MOST_GAIN_DB, _HIGHEST_PEAK_DBFS - peak)
    if gain_db <= 0:
        return pcm
    louder: bytes = AudioSegment(pcm, sample_width=2, frame_rate=sample_rate, channels=1).apply_gain(gain_db).raw_data
    return louder
