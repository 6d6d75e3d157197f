"""The demonstrations' Asterisk with short sounds, and what tests want to know of it besides."""

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.demo import asterisk
from app.demo.asterisk import PASSWORD as PASSWORD
from app.demo.asterisk import AsteriskHouse
from config.settings import ROOT
from ivr.adapters.asterisk import AsteriskConfig
from tests.contracts.sounds import write_tone
from tests.support.waiting import eventually

MUSIC_HZ = 2100.0
"""What people on hold hear."""


class Asterisk(asterisk.Asterisk):
    def __init__(self, folder: Path, dead_media_s: int = 20) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        music = write_tone(folder / "music.wav", seconds=1, hertz=MUSIC_HZ)
        super().__init__(folder, AsteriskHouse(_short_sounds(folder / "sounds"), music, dead_media_s))

    def config(self) -> AsteriskConfig:
        """Of a line on this Asterisk."""
        return AsteriskConfig(
            url=self.ari_url, password=PASSWORD, media_port=self.media_port, trunk="carrier", stop_within_s=2
        )

    def left_behind(self) -> list[str]:
        """Channels and bridges that are still there a moment after their calls."""
        left: list[str] = []

        def is_clean() -> bool:
            left[:] = [item["id"] for what in ("channels", "bridges") for item in self._get(what)]
            return not left

        with contextlib.suppress(AssertionError):
            eventually(is_clean, within_s=3)
        return left

    def _get(self, path: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = httpx.get(f"{self.ari_url}/{path}", auth=("hotline", PASSWORD), timeout=2).json()
        return found


def _short_sounds(folder: Path) -> Path:
    """Every announcement as a short sound: tests do not wait for sentences."""
    folder.mkdir(exist_ok=True)
    for shipped in (ROOT / "config" / "prompts" / "zh-CN").glob("*.wav"):
        write_tone(folder / shipped.name, seconds=0.1)
    return folder


@contextmanager
def running_asterisk(folder: Path, dead_media_s: int = 20) -> Iterator[Asterisk]:
    running = Asterisk(folder, dead_media_s)
    running.start()
    try:
        yield running
    finally:
        running.kill()
        shutil.rmtree(folder / "run", ignore_errors=True)
