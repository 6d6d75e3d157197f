"""A sound in frames of 20 ms, and which of them somebody may be speaking in."""

import numpy as np
import numpy.typing as npt

FRAME_MS = 20
FULL_SCALE = 32768.0
# root mean square of a frame: -50 dBFS and -30 dBFS
_QUIETEST_SPEECH = 100.0
_LOUDEST_NOISE = 1000.0
_SPEECH_OVER_NOISE = 3.0
_SHORTEST_SPEECH_FRAMES = 3

Levels = npt.NDArray[np.float32]
Marks = npt.NDArray[np.bool_]


def frame_levels(samples: npt.NDArray[np.int16], sample_rate: int) -> Levels:
    """Root mean square of each whole frame."""
    size = sample_rate * FRAME_MS // 1000
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    energy = np.einsum("ij,ij->i", frames, frames, dtype=np.float32)
    levels: Levels = np.sqrt(energy / np.float32(size))
    return levels


def active_frames(levels: Levels) -> Marks:
    """Frames well above the quietest tenth; clicks shorter than 60 ms do not count."""
    if len(levels) < _SHORTEST_SPEECH_FRAMES:
        return np.zeros(len(levels), np.bool_)
    floor = float(np.clip(np.percentile(levels, 10) * _SPEECH_OVER_NOISE, _QUIETEST_SPEECH, _LOUDEST_NOISE))
    loud = levels > floor
    long_enough = loud[:-2] & loud[1:-1] & loud[2:]
    kept = np.zeros_like(loud)
    for shift in range(_SHORTEST_SPEECH_FRAMES):
        kept[shift : shift + len(long_enough)] |= long_enough
    return kept


def dbfs(root_mean_square: float) -> float:
    """Level in dB below full scale, at least -96 (the floor of 16 bit)."""
    return float(20 * np.log10(max(root_mean_square, 0.5) / FULL_SCALE))


def speech_level_dbfs(levels: Levels, active: Marks) -> float:
    """Mean level of the frames with speech; of everything where there is none."""
    heard = levels[active] if active.any() else levels
    return dbfs(float(np.sqrt(np.mean(heard**2)))) if len(heard) else dbfs(0)


def peak_of(samples: npt.NDArray[np.int16]) -> float:
    """The largest distance from zero."""
    return float(max(int(samples.max()), -int(samples.min()))) if len(samples) else 0.0
