"""Features exactly as Kaldi computes them from the model's mfcc.conf, so that training and Vosk agree."""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 8000
"""Hz of telephone speech, and of everything here after the synthesiser."""
FEATURES = 40
LOW_HZ, HIGH_HZ = 20.0, 3800.0
FRAME, SHIFT = 200, 80
"""25 ms and 10 ms in samples."""
_FFT = 256
_PREEMPHASIS = 0.97
_WINDOW_POWER = 0.85  # Kaldi's "povey" window
_LIFTER = 22.0
_FLOOR = np.float32(1.1920929e-07)
_AT_ONCE = 4000

Features = npt.NDArray[np.float32]

CONFIGURATION = f"""\
--use-energy=false
--sample-frequency={SAMPLE_RATE}
--num-mel-bins={FEATURES}
--num-ceps={FEATURES}
--low-freq={LOW_HZ:.0f}
--high-freq={HIGH_HZ - SAMPLE_RATE / 2:.0f}
--dither=0
--allow-downsample=true
"""
"""conf/mfcc.conf. Without dither the same sound gives the same words."""


def mfcc(sound: npt.ArrayLike) -> Features:
    """Samples on the scale of 16 bits → frames × FEATURES; only whole frames (snip-edges)."""
    samples = np.asarray(sound, np.float32)
    if len(samples) < FRAME:
        return np.zeros((0, FEATURES), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::SHIFT]
    parts = [_features(frames[start : start + _AT_ONCE]) for start in range(0, len(frames), _AT_ONCE)]
    return np.concatenate(parts)


def _features(frames: Features) -> Features:
    level = frames - frames.mean(axis=1, keepdims=True)
    emphasised = level - _PREEMPHASIS * np.concatenate([level[:, :1], level[:, :-1]], axis=1)
    spectrum = np.fft.rfft(emphasised * _WINDOW, _FFT)
    power = spectrum.real**2 + spectrum.imag**2
    features: Features = np.log(np.maximum(power @ _BANK, _FLOOR)) @ _COSINES
    return features


def _mel(hertz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return 1127.0 * np.log(1.0 + np.asarray(hertz, np.float64) / 700.0)


def _bank() -> Features:
    """Triangles on the mel scale; Kaldi leaves the highest bin of the transform out."""
    low, high = float(_mel(LOW_HZ)), float(_mel(HIGH_HZ))
    step = (high - low) / (FEATURES + 1)
    bins = _mel(np.arange(_FFT // 2) * SAMPLE_RATE / _FFT)[:, None]
    left = low + np.arange(FEATURES) * step
    triangles = np.minimum((bins - left) / step, (left + 2 * step - bins) / step).clip(min=0)
    return np.concatenate([triangles, np.zeros((1, FEATURES))]).astype(np.float32)


def _cosines() -> Features:
    order = np.arange(FEATURES)
    table = np.sqrt(2.0 / FEATURES) * np.cos(np.pi / FEATURES * (order + 0.5) * order[:, None])
    table[0] = np.sqrt(1.0 / FEATURES)
    lifter = 1.0 + 0.5 * _LIFTER * np.sin(np.pi * order / _LIFTER)
    cosines: Features = (table * lifter[:, None]).T.astype(np.float32)
    return cosines


_WINDOW = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1))) ** _WINDOW_POWER).astype(np.float32)
_BANK, _COSINES = _bank(), _cosines()
