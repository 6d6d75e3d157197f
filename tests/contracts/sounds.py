"""Sounds for telephone tests, and what a recording of them contains."""

import wave
from pathlib import Path

import numpy as np

from ivr.ports import SAMPLE_RATE


def tone(seconds: float, *, hertz: float = 440.0, amplitude: int = 8000) -> bytes:
    """PCM of a pure tone; amplitude 0 is silence."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * hertz * time) * amplitude).astype("<i2").tobytes()


def write_wav(path: Path, pcm: bytes) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(pcm)
    return path


def write_tone(path: Path, *, seconds: float, hertz: float = 440.0, amplitude: int = 8000) -> Path:
    return write_wav(path, tone(seconds, hertz=hertz, amplitude=amplitude))


def read_pcm(path: Path) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    with wave.open(str(path), "rb") as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        return np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")
