"""The Asterisk of a measurement: as shipped for the hotline, and beside it what it would do by itself.

Calls to 12345 go to the hotline; calls to QUEUE_LINE wait in a `Queue()` of Asterisk's and are recorded by its
`MixMonitor()`, by side as ours are. The agents' telephones are the same for both.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.demo.asterisk import PASSWORD, Asterisk
from ivr.adapters.asterisk import AsteriskConfig

QUEUE_LINE = "10000"

_MODULES = """\
load = app_mixmonitor.so
load = app_queue.so
"""
_DIALPLAN = """\
[hotline-inbound](+)
exten => {line},1,Answer()
 same => n,MixMonitor(,r({folder}/${{UNIQUEID}}-citizen.wav)t({folder}/${{UNIQUEID}}-agent.wav))
 same => n,Queue(bench)
 same => n,Hangup()
"""
_QUEUE = """\
[general]
autofill = yes

[bench]
strategy = rrmemory
ringinuse = no
timeout = 20
retry = 1
musicclass = default
"""
_AGENT = """\
[{name}](line)
aors = {name}

[{name}]
type = aor
contact = sip:{name}@127.0.0.1:{port}

"""


class QueuePbx(Asterisk):
    """Raises AsteriskMissing."""

    def __init__(self, folder: Path, *, agents: int, agents_port: int, members_port: int) -> None:
        self.agents = [f"agent-{number}" for number in range(1, agents + 1)]
        """Whom our line rings."""
        self.members = [f"member-{number}" for number in range(1, agents + 1)]
        """Whom the queue rings, at a port of their own: a late word to the others is none to them."""
        self._ports = dict.fromkeys(self.agents, agents_port) | dict.fromkeys(self.members, members_port)
        self.recordings = folder / "queue-recordings"
        self.recordings.mkdir(parents=True)
        super().__init__(folder)

    def _render(self) -> None:
        super()._render()
        self._append("modules.conf", _MODULES)
        self._append("extensions.conf", _DIALPLAN.format(line=QUEUE_LINE, folder=self.recordings))
        self._append("queues.conf", _QUEUE + "".join(f"member => PJSIP/{name}\n" for name in self.members))
        phones = (_AGENT.format(name=name, port=port) for name, port in self._ports.items())
        self._append("pjsip_seats.conf", "".join(phones))

    def _append(self, name: str, text: str) -> None:
        with (self.etc / name).open("a", encoding="utf-8") as file:
            file.write("\n" + text)

    def config(self, calls: int) -> AsteriskConfig:
        """Of a line of ours on it."""
        return AsteriskConfig(
            url=self.ari_url, password=PASSWORD, media_port=self.media_port, max_calls=calls, stop_within_s=25
        )

    @property
    def cpu_s(self) -> float:
        """All that it has used, its threads together. Linux."""
        assert self._running is not None
        stat = Path(f"/proc/{self._running.pid}/stat").read_text(encoding="utf-8")
        return cpu_seconds(stat)

    @property
    def live_channels(self) -> int:
        return int(self.cli("core show channels count").split(maxsplit=1)[0])


def cpu_seconds(stat: str) -> float:
    """User and system time in /proc/PID/stat; the program's name may hold spaces and brackets."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def queue_pbx(
    folder: Path, *, agents: int, agents_port: int, members_port: int, core: int | None
) -> Iterator[QueuePbx]:
    """Running, on one core."""
    pbx = QueuePbx(folder, agents=agents, agents_port=agents_port, members_port=members_port)
    usual = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})  # its threads inherit it
    try:
        pbx.start()
    finally:
        os.sched_setaffinity(0, usual)
    try:
        yield pbx
    finally:
        pbx.kill()
