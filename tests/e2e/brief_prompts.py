"""Announcements for calls that are about something else than hearing them out."""

import wave
from pathlib import Path

from config.settings import ROOT
from tests.contracts.sounds import write_wav

_SECONDS = 2


def brief_prompts(folder: Path) -> Path:
    """The first two seconds of every shipped sound; returns the folder for HOTLINE_PROMPTS_DIR."""
    spoken = folder / "zh-CN"
    spoken.mkdir(parents=True)
    for shipped in (ROOT / "config" / "prompts" / "zh-CN").glob("*.wav"):
        with wave.open(str(shipped), "rb") as sound:
            write_wav(spoken / shipped.name, sound.readframes(_SECONDS * sound.getframerate()))
    return folder
