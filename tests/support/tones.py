"""A sound that every test may upload: loud, short, and no word in it."""

import io
import wave
from pathlib import Path


def tone(seconds: float = 3) -> bytes:
    """A WAV file, mono, 8 kHz, 16 bit."""
    made = io.BytesIO()
    with wave.open(made, "wb") as stream:
        stream.setparams((1, 2, 8000, 0, "NONE", ""))
        stream.writeframes((b"\x10\x27" * 4 + b"\xf0\xd8" * 4) * round(seconds * 1000))
    return made.getvalue()


def write_tone(path: Path, seconds: float = 3) -> None:
    path.write_bytes(tone(seconds))
