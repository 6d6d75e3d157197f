"""A simulated telephone call: room, noise, other talkers, handset, level, lost packets, coder; int16 at 8 kHz.

Codecs and losses stand in the order in which they happen; nothing changes the length or the times.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from asr.training.codecs import AMR_FRAME, AMR_RATES, Law, amr, g711
from asr.training.mfcc import SAMPLE_RATE
from asr.training.sounds import Samples, at_level, band_passed, fast_length, noise, rms

Telephone = npt.NDArray[np.int16]
FULL_SCALE = 32768.0
_LINES_HZ = ((300, 3400), (200, 3400), (250, 3000), (100, 3600), (300, 2700))
_PACKET = AMR_FRAME
"""Samples in a packet of 20 ms."""


@dataclass(frozen=True, slots=True)
class Line:
    """What happens on the way. None: it does not."""

    room_s: float | None = None
    noise_db: float | None = None
    """Below the speech."""
    babble_db: float | None = None
    tilt: float = 0.0
    band_hz: tuple[int, int] | None = (300, 3400)
    level_db: float = -25.0
    """Below full scale; near zero it clips."""
    lost_share: float = 0.0
    law: Law | None = Law.A
    amr_rate: str | None = None


def random_line(rng: np.random.Generator) -> Line:
    """A line as in training: one in eight is clean, the others may have everything."""
    band = _LINES_HZ[int(rng.integers(len(_LINES_HZ)))] if rng.random() < 0.7 else None
    level_db = float(rng.uniform(-38, -12)) if rng.random() < 0.9 else float(rng.uniform(-12, 6))
    law = (Law.A, Law.A, Law.MU, None)[int(rng.integers(4))]
    rate = AMR_RATES[int(rng.integers(len(AMR_RATES)))] if rng.random() < 0.12 else None
    if rng.random() < 0.12:
        return Line(band_hz=band, level_db=level_db, law=law, amr_rate=rate)
    return Line(
        room_s=float(rng.uniform(0.05, 0.4)) if rng.random() < 0.35 else None,
        noise_db=float(rng.uniform(3, 40)) if rng.random() < 0.75 else None,
        babble_db=float(rng.uniform(8, 25)) if rng.random() < 0.2 else None,
        tilt=float(rng.uniform(-0.5, 0.5)) if rng.random() < 0.3 else 0.0,
        band_hz=band,
        level_db=level_db,
        lost_share=float(rng.uniform(0.005, 0.1)) if rng.random() < 0.2 else 0.0,
        law=law,
        amr_rate=rate,
    )


def sent(sound: Samples, line: Line, rng: np.random.Generator, babble: Samples | None = None) -> Telephone:
    """The sound at the other end of the line; `babble` is somebody else who talks (repeated as needed)."""
    at_the_coder = spoken_into(sound, line, rng, babble)
    coded = amr([at_the_coder], line.amr_rate)[0] if line.amr_rate else at_the_coder
    return received(coded, line, rng)


def spoken_into(sound: Samples, line: Line, rng: np.random.Generator, babble: Samples | None = None) -> Samples:
    """Up to the coder, on the scale of 16 bits."""
    heard = sound / rms(sound)
    if line.room_s is not None:
        heard = _in_room(heard, line.room_s, rng)
    if line.noise_db is not None:
        heard = heard + at_level(noise(rng, len(heard)), -line.noise_db)
    if line.babble_db is not None and babble is not None:
        heard = heard + at_level(np.resize(babble, len(heard)), -line.babble_db)
    if line.tilt:
        heard = np.concatenate([heard[:1], heard[1:] + line.tilt * heard[:-1]])
    if line.band_hz is not None:
        heard = band_passed(heard, *line.band_hz)
    return (at_level(heard, line.level_db) * FULL_SCALE).clip(-FULL_SCALE, FULL_SCALE - 1)


def received(sound: Samples, line: Line, rng: np.random.Generator) -> Telephone:
    """From the coder to the ear."""
    if line.law is not None:
        sound = g711(sound, line.law)
    if line.lost_share:
        sound = _with_losses(sound, line.lost_share, rng)
    return np.round(sound.clip(-FULL_SCALE, FULL_SCALE - 1)).astype(np.int16)


def _in_room(sound: Samples, length_s: float, rng: np.random.Generator) -> Samples:
    count = int(SAMPLE_RATE * length_s)
    echo = (
        rng.standard_normal(count) * np.exp(-np.arange(count) / (count / rng.uniform(3, 7))) * rng.uniform(0.02, 0.25)
    )
    echo[0] = 1.0
    size = fast_length(len(sound) + count)
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size), size)[: len(sound)]


def _with_losses(sound: Samples, share: float, rng: np.random.Generator) -> Samples:
    """Packets that never came: silence, or (as some phones do) the packet before once more, fading."""
    heard = sound.copy()
    is_concealed = rng.random() < 0.5
    starts = range(_PACKET, len(heard) - _PACKET, _PACKET)
    is_lost = rng.random(len(starts)) < share
    for start, lost in zip(starts, is_lost, strict=True):
        if lost:
            before = heard[start - _PACKET : start]
            heard[start : start + _PACKET] = before * 0.6 if is_concealed else 0.0
    return heard
