"""A voice far too soft is made as loud as a telephone's; everything else stays as it is, sample by sample."""

import warnings

import numpy as np
import numpy.typing as npt

from asr.adapters.speech_frames import active_frames, dbfs, frame_levels, peak_of, speech_level_dbfs

with warnings.catch_warnings():
    warnings.simplefilter("ignore", RuntimeWarning)  # pydub misses an ffmpeg on the PATH; here it needs none
    from pydub import AudioSegment

_TARGET_DBFS = -26.0  # usual speech level of a telephone line (ITU-T P.56, G.100)
_SOFT_DBFS = -38.0
_MOST_GAIN_DB = 30.0
_HIGHEST_PEAK_DBFS = -1.0


def at_speech_level(samples: npt.NDArray[np.int16], sample_rate: int) -> bytes:
    """16-bit PCM. The gain is bounded and leaves the loudest sample below full scale, so nothing is ever clipped."""
    pcm = samples.astype("<i2", copy=False).tobytes()
    levels = frame_levels(samples, sample_rate)
    level = speech_level_dbfs(levels, active_frames(levels))
    if level >= _SOFT_DBFS:
        return pcm
    gain_db = min(_TARGET_DBFS - level, _MOST_GAIN_DB, _HIGHEST_PEAK_DBFS - dbfs(peak_of(samples)))
    if gain_db <= 0:
        return pcm
    louder: bytes = AudioSegment(pcm, sample_width=2, frame_rate=sample_rate, channels=1).apply_gain(gain_db).raw_data
    return louder
