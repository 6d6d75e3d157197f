"""A real Asterisk with the shipped configuration, on free loopback ports: for demonstrations and tests."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.demo import debian_folder
from config.settings import ROOT
from kit.errors import Unavailable
from kit.net import free_port_block

PASSWORD = "fictional-ari-password"  # noqa: S105 - of a server that lives for a minute, on loopback
_STARTS_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.05
_PROMPTS = ROOT / "config" / "prompts" / "zh-CN"


class AsteriskMissing(Unavailable):
    code = "demo.asterisk_missing"


class AsteriskSilent(Unavailable):
    code = "demo.asterisk_silent"


@dataclass(frozen=True, slots=True)
class AsteriskHouse:
    """What may be different from the shipped configuration."""

    sounds: Path = _PROMPTS
    music: Path = _PROMPTS / "hold_music.wav"
    dead_media_s: int = 20
    seats: Mapping[str, str] = field(default_factory=dict)
    """Telephones that may register: name → password."""


class Asterisk:
    """One Asterisk in `folder`; it may be killed and started again, its ports stay. Raises AsteriskMissing."""

    def __init__(self, folder: Path, house: AsteriskHouse | None = None) -> None:
        if not debian_folder.is_made():
            raise AsteriskMissing("no Asterisk on this machine: run python3 tools/prepare.py asterisk")
        self.folder = folder
        self._house = house or AsteriskHouse()
        # in a row, below the ports that the system gives to others between two tests
        self.ari_port = free_port_block(403)
        self.media_port, self.sip_port, self.rtp_from = (self.ari_port + more for more in (1, 2, 4))
        self.away = folder / "away"
        self._running: subprocess.Popen[bytes] | None = None
        for name in ("var/keys", "spool/recording", "run", "log", "away"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._render()

    def _render(self) -> None:
        root, house = debian_folder.ROOT, self._house
        values = {
            "MODULES": debian_folder.library_folder() / "asterisk" / "modules",
            "DATA": root / "usr" / "share" / "asterisk",
            "VAR": self.folder / "var",
            "SPOOL": self.folder / "spool",
            "RUN": self.folder / "run",
            "LOG": self.folder / "log",
            "AWAY_DIR": self.away,
            "SOUNDS": house.sounds,
            "MUSIC_FILE": house.music,
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
            "DEAD_MEDIA_S": house.dead_media_s,
        }
        environment = {f"HOTLINE_{name}": str(value) for name, value in values.items()}
        script = ROOT / "config" / "asterisk" / "render.sh"
        subprocess.run(["sh", script, self.etc], env=os.environ | environment, check=True)
        phones = "".join(_SEAT.format(name=name, password=password) for name, password in house.seats.items())
        (self.etc / "pjsip_seats.conf").write_text(phones, encoding="utf-8")

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{self.ari_port}/ari"

    def start(self) -> None:
        """Returns when it answers; raises AsteriskSilent with what it said."""
        with (self.folder / "log" / "console.txt").open("ab") as out:
            command = debian_folder.command("-C", self.etc / "asterisk.conf", "-f")
            self._running = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not self._answers():
            if self._running.poll() is not None or time.monotonic() > deadline:
                raise AsteriskSilent(f"Asterisk did not start: {self.said()}")
            time.sleep(_LOOK_EVERY_S)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.ari_url}/asterisk/ping", auth=("hotline", PASSWORD), timeout=1).is_success
        except httpx.HTTPError:
            return False

    def said(self) -> str:
        """The end of its console output."""
        return (self.folder / "log" / "console.txt").read_text(errors="replace")[-3000:]

    def cli(self, words: str) -> str:
        """What its own command line answers."""
        command = debian_folder.command("-C", self.etc / "asterisk.conf", "-rx", words)
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None


@contextmanager
def running_asterisk(folder: Path, house: AsteriskHouse | None = None) -> Iterator[Asterisk]:
    asterisk = Asterisk(folder, house)
    asterisk.start()
    try:
        yield asterisk
    finally:
        asterisk.kill()
        shutil.rmtree(folder / "run", ignore_errors=True)


_SEAT = """\
[{name}](seat)
auth = {name}
aors = {name}

[{name}](seat-auth)
username = {name}
password = {password}

[{name}](seat-aor)

"""
