"""A real Asterisk 22 of the tests' own, with the shipped configuration, on free loopback ports."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ivr.adapters.asterisk import AsteriskConfig
from kit.net import free_port_block
from tests.contracts.sounds import write_tone
from tests.support.waiting import eventually
from tools import asterisk_root

REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "fictional-ari-password"
MUSIC_HZ = 2100.0
"""What people on hold hear."""


class Asterisk:
    """One Asterisk in `folder`; it may be killed and started again, its ports stay."""

    def __init__(self, folder: Path, dead_media_s: int = 20) -> None:
        assert asterisk_root.is_made(), "no Asterisk for the tests: run python3 tools/prepare.py asterisk"
        self.folder = folder
        self._dead_media_s = dead_media_s
        # in a row, below the ports that the system gives to others between two tests
        self.ari_port = free_port_block(403)
        self.media_port, self.sip_port, self.rtp_from = (self.ari_port + more for more in (1, 2, 4))
        self.away = folder / "away"
        self._running: subprocess.Popen[bytes] | None = None
        for name in ("var/keys", "spool/recording", "run", "log", "away"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._render()

    def _render(self) -> None:
        root = asterisk_root.ROOT
        values = {
            "MODULES": asterisk_root.library_folder() / "asterisk" / "modules",
            "DATA": root / "usr" / "share" / "asterisk",
            "VAR": self.folder / "var",
            "SPOOL": self.folder / "spool",
            "RUN": self.folder / "run",
            "LOG": self.folder / "log",
            "AWAY_DIR": self.away,
            "SOUNDS": self._short_sounds(),
            "MUSIC_FILE": write_tone(self.folder / "music.wav", seconds=1, hertz=MUSIC_HZ),
            "ARI_PORT": self.ari_port,
            "ARI_PASSWORD": PASSWORD,
            "MEDIA_URI": f"ws://127.0.0.1:{self.media_port}/media",
            "SIP_HOST": "127.0.0.1",
            "SIP_PORT": self.sip_port,
            "RTP_PORT_MIN": self.rtp_from,
            "RTP_PORT_MAX": self.rtp_from + 398,
            "LAN": "127.0.0.0/8",
            "TRUNK_HOST": "127.0.0.1:9",
            "MESSAGE_MAX_S": 30,
            "DEAD_MEDIA_S": self._dead_media_s,
        }
        environment = {f"HOTLINE_{name}": str(value) for name, value in values.items()}
        subprocess.run(
            ["sh", REPOSITORY / "config" / "asterisk" / "render.sh", self.etc], env=os.environ | environment, check=True
        )

    def _short_sounds(self) -> Path:
        """Every announcement as a short sound: tests do not wait for sentences."""
        folder = self.folder / "sounds"
        folder.mkdir(exist_ok=True)
        for shipped in (REPOSITORY / "config" / "prompts" / "zh-CN").glob("*.wav"):
            write_tone(folder / shipped.name, seconds=0.1)
        return folder

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{self.ari_port}/ari"

    def start(self) -> None:
        """Returns when it answers."""
        with (self.folder / "log" / "console.txt").open("ab") as out:
            command = asterisk_root.command("-C", self.etc / "asterisk.conf", "-f")
            self._running = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        eventually(self._answers, within_s=20)

    def _answers(self) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, self.said()
        try:
            return httpx.get(f"{self.ari_url}/asterisk/ping", auth=("hotline", PASSWORD), timeout=1).is_success
        except httpx.HTTPError:
            return False

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

    def said(self) -> str:
        """The end of its console output."""
        return (self.folder / "log" / "console.txt").read_text(errors="replace")[-3000:]

    def cli(self, words: str) -> str:
        """What its own command line answers."""
        command = asterisk_root.command("-C", self.etc / "asterisk.conf", "-rx", words)
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None


@contextmanager
def running_asterisk(folder: Path, dead_media_s: int = 20) -> Iterator[Asterisk]:
    asterisk = Asterisk(folder, dead_media_s)
    asterisk.start()
    try:
        yield asterisk
    finally:
        asterisk.kill()
        shutil.rmtree(folder / "run", ignore_errors=True)
