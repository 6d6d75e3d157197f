"""Noises and tones of telephone lines and of the places people call from; samples of about unit power at 8 kHz."""

import numpy as np
import numpy.typing as npt

from asr.training.mfcc import SAMPLE_RATE

Samples = npt.NDArray[np.float64]
_FAST_STEP = 2048
_CALL_TONE_HZ = 450  # ring-back and busy tones in China
_KEY_ROWS_HZ, _KEY_COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)


def rms(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound**2))) + 1e-9


def at_level(sound: Samples, decibels: float) -> Samples:
    """Scaled to this level relative to unit power."""
    return sound * (10 ** (decibels / 20) / rms(sound))


def band_passed(sound: Samples, low_hz: float, high_hz: float) -> Samples:
    """Between two frequencies, with gentle slopes as a line has them."""
    size = fast_length(len(sound))
    spectrum = np.fft.rfft(sound, size)
    frequencies = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    with np.errstate(divide="ignore"):
        low = 1 / np.sqrt(1 + (low_hz / np.maximum(frequencies, 1e-3)) ** 4)
    high = 1 / np.sqrt(1 + (frequencies / high_hz) ** 8)
    return np.fft.irfft(spectrum * low * high, size)[: len(sound)]


def fast_length(count: int) -> int:
    """At least so many samples, and a number whose transform is quick."""
    return -(-count // _FAST_STEP) * _FAST_STEP


def noise(rng: np.random.Generator, count: int) -> Samples:
    """One of eight kinds, at unit power."""
    wanted, count = count, fast_length(count)
    hiss = rng.standard_normal(count)
    seconds = np.arange(count) / SAMPLE_RATE
    kind = int(rng.integers(8))
    if kind == 0:
        made = hiss
    elif kind in (1, 2):  # pink and brown: rooms and traffic
        slope = np.sqrt(np.arange(count // 2 + 1) + 1.0) if kind == 1 else np.arange(count // 2 + 1) + 20.0
        made = np.fft.irfft(np.fft.rfft(hiss) / slope, count)
    elif kind == 3:
        made = _hum(rng, seconds) + 0.1 * hiss
    elif kind == 4:
        made = 0.2 * hiss + _clicks(rng, count)
    elif kind == 5:
        made = hiss * (0.6 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.1, 2) * seconds + rng.uniform(0, 6)))
    elif kind == 6:
        low = rng.uniform(100, 1500)
        made = band_passed(hiss, low, low + rng.uniform(300, 2000))
    else:
        made = _machine(rng, seconds) + 0.3 * hiss
    return made[:wanted] / rms(made[:wanted])


def _hum(rng: np.random.Generator, seconds: Samples) -> Samples:
    parts = [np.sin(2 * np.pi * 50 * k * seconds + rng.uniform(0, 6)) / k for k in range(1, 8)]
    return _mixed(parts)


def _clicks(rng: np.random.Generator, count: int) -> Samples:
    made = np.zeros(count)
    places = rng.integers(0, count, max(1, count // 4000))
    made[places] = rng.choice([-1.0, 1.0], len(places)) * rng.uniform(2, 15, len(places))
    return made


def _machine(rng: np.random.Generator, seconds: Samples) -> Samples:
    """An engine or a drill: many harmonics of a wandering low tone, beating."""
    base = rng.uniform(30, 160)
    phase = 2 * np.pi * base * (seconds + 0.02 * np.sin(2 * np.pi * rng.uniform(0.1, 1) * seconds))
    parts = [np.sin(k * phase + rng.uniform(0, 6)) * rng.uniform(0.2, 1) for k in range(1, 12)]
    beat = 1 + 0.6 * np.sin(2 * np.pi * rng.uniform(2, 12) * seconds)
    return _mixed(parts) * beat


def tones(rng: np.random.Generator, count: int) -> Samples:
    """Ring-back, busy, keys or a melody: to be recognised as nothing."""
    seconds = np.arange(count) / SAMPLE_RATE
    kind = int(rng.integers(4))
    if kind < 2:
        period_s, on_s = (5.0, 1.0) if kind == 0 else (0.7, 0.35)
        is_on = (seconds + rng.uniform(0, period_s)) % period_s < on_s
        return np.sin(2 * np.pi * _CALL_TONE_HZ * seconds) * is_on
    made = np.zeros(count)
    start = 0
    while start < count:
        length = min(int(SAMPLE_RATE * rng.uniform(0.06, 0.5)), count - start)
        made[start : start + length] = (_key if kind == 2 else _note)(rng, seconds[:length])
        start += length + int(SAMPLE_RATE * rng.uniform(0, 0.3))
    return made


def _key(rng: np.random.Generator, seconds: Samples) -> Samples:
    pair = rng.choice(_KEY_ROWS_HZ), rng.choice(_KEY_COLUMNS_HZ)
    return _mixed([np.sin(2 * np.pi * each * seconds) for each in pair])


def _note(rng: np.random.Generator, seconds: Samples) -> Samples:
    base = 220 * 2 ** (rng.integers(0, 24) / 12)
    parts = [np.sin(2 * np.pi * base * k * seconds) / k**1.5 for k in (1, 2, 3, 4) if base * k < 3800]
    fading: Samples = np.exp(-seconds * rng.uniform(0, 6))
    return _mixed(parts) * fading


def _mixed(parts: list[Samples]) -> Samples:
    mixed: Samples = np.sum(parts, axis=0)
    return mixed
