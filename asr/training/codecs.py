"""What a coder does to speech: G.711 in both laws, AMR as in mobile calls. Samples are on the scale of 16 bits."""

import subprocess
from enum import Enum

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
AMR_RATES = ("4.75k", "5.9k", "6.7k", "7.4k", "7.95k", "10.2k", "12.2k")
AMR_FRAME = 160
"""Samples in 20 ms."""
_AMR_DELAY = 40
"""Samples by which the coder's look-ahead of 5 ms moves the speech."""
_TIMEOUT_S = 120.0


class Law(Enum):
    A = "A"
    MU = "mu"


def _mu_law_levels() -> Samples:
    code = np.arange(128)
    return (((((code & 0x0F) << 3) + 0x84) << (code >> 4)) - 0x84).astype(float)


def _a_law_levels() -> Samples:
    code = np.arange(128)
    segment, step = code >> 4, code & 0x0F
    return np.where(segment == 0, (step << 4) + 8, ((step << 4) + 0x108) << np.maximum(segment - 1, 0)).astype(float)


def _both_signs(levels: Samples) -> Samples:
    return np.unique(np.concatenate([-levels, levels]))


_LEVELS = {Law.A: _both_signs(_a_law_levels()), Law.MU: _both_signs(_mu_law_levels())}


def g711(sound: Samples, law: Law) -> Samples:
    """To the nearest level that the law (ITU-T G.711) has."""
    levels = _LEVELS[law]
    return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, sound)]


def amr(sounds: list[Samples], rate: str) -> list[Samples]:
    """Each sound through AMR narrow band at this rate; one coder hears them all, one after the other."""
    if not sounds:
        return []
    gap = AMR_FRAME * 4
    lengths = [-(-len(sound) // AMR_FRAME) * AMR_FRAME + gap for sound in sounds]
    joined = np.concatenate(
        [np.pad(each, (0, length - len(each))) for each, length in zip(sounds, lengths, strict=True)]
    )
    coded = _ffmpeg(_PCM, "-b:a", rate, "-f", "amr", data=np.round(joined).clip(-32768, 32767).astype("<i2").tobytes())
    heard = np.frombuffer(_ffmpeg(("-f", "amr"), *_PCM[:4], data=coded), "<i2").astype(np.float64)[_AMR_DELAY:]
    heard = np.pad(heard, (0, max(0, len(joined) - len(heard))))
    starts = np.cumsum([0, *lengths[:-1]])
    return [heard[start : start + len(sound)] for start, sound in zip(starts, sounds, strict=True)]


_PCM = ("-f", "s16le", "-ar", "8000", "-ac", "1")


def _ffmpeg(source: tuple[str, ...], *target: str, data: bytes) -> bytes:
    quiet = ("-hide_banner", "-loglevel", "error", "-threads", "1")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *quiet, *source, "-i", "pipe:0", *target, "pipe:1"]
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=_TIMEOUT_S).stdout
