"""Telephones that are not our own stack: one SIPp process places many calls, another one picks up.

SIPp does the signalling only. Where media counts, its offers name the ports of `rtp_peer.py`.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kit.errors import Unavailable
from kit.net import free_port_block

_HANGS_UP_WITHIN_S = 10.0
_SCENARIOS = Path(__file__).parent / "scenarios"


class SippMissing(Unavailable):
    code = "bench.sipp_missing"


class CallsFailed(Unavailable):
    """SIPp saw something else than calls that are answered and ended."""

    code = "bench.calls_failed"


class SippCallers:
    """A running SIPp."""

    def __init__(self, running: subprocess.Popen[bytes], folder: Path, numbers: Sequence[str]) -> None:
        self._running = running
        self._folder = folder
        self.numbers = numbers
        """Of whom calls, in order; each calls once."""

    @property
    def has_ended(self) -> bool:
        return self._running.poll() is not None

    def finish(self, within_s: float) -> None:
        """Wait until every call has been ended; raises CallsFailed with SIPp's complaint."""
        try:
            code = self._running.wait(within_s)
        except subprocess.TimeoutExpired:
            raise CallsFailed(f"SIPp was not done within {within_s:.0f} s") from None
        if code != 0:
            log = self._folder / "errors.log"
            complaint = log.read_text(errors="replace")[-1000:] if log.exists() else ""
            raise CallsFailed(f"SIPp ended with status {code}: {complaint}")

    def answer_delays_ms(self) -> list[float]:
        """From each INVITE to its 200, after `finish`."""
        return [float(line.split(";")[1]) for path in self._folder.glob("*_rtt.csv") for line in _lines(path)]


@contextmanager
def sipp_callers(
    folder: Path,
    *,
    to_port: int,
    media_ports: Sequence[int],
    per_second: int,
    hold_s: float,
    core: int | None = None,
    line: str = "12345",
) -> Iterator[SippCallers]:
    """One call per media port, each held for `hold_s`; SIPp is gone at the block's end."""
    numbers = [f"139{number:08}" for number in range(1, len(media_ports) + 1)]
    callers = [f"{port};{number}" for port, number in zip(media_ports, numbers, strict=True)]
    calls = len(media_ports)
    options = [
        f"127.0.0.1:{to_port}", "-s", line, "-p", str(free_port_block(2)), "-m", str(calls), "-l", str(calls),
        "-r", str(per_second), "-d", str(round(hold_s * 1000)), "-timeout", f"{hold_s + calls / per_second + 30:.0f}s",
        "-timeout_error", "-trace_rtt", "-rtt_freq", "1",
    ]  # fmt: skip
    with _sipp(folder, "held_call", callers, options, core) as running:
        yield SippCallers(running, folder, numbers)


@contextmanager
def sipp_agents(folder: Path, *, port: int, media_ports: Sequence[int], core: int | None = None) -> Iterator[None]:
    """Telephones of people at seats, all at one SIP port: each call that comes is picked up at the next media port.

    At the block's end they wait a moment for who has not hung up yet: what is said to nobody would be said again, and
    the next telephones at this port would take it for a call.
    """
    calls = str(len(media_ports))
    people = [str(each) for each in media_ports]
    with _sipp(folder, "picked_up_call", people, ["-p", str(port), "-l", calls, "-m", calls], core) as running:
        yield
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(_HANGS_UP_WITHIN_S)


@contextmanager
def _sipp(
    folder: Path, scenario: str, people: Sequence[str], options: Sequence[str], core: int | None
) -> Iterator[subprocess.Popen[bytes]]:
    """A running SIPp whose calls take the lines of `people` one after the other."""
    program = shutil.which("sipp")
    if program is None:
        raise SippMissing("SIPp is not installed (Debian package sip-tester)")
    folder.mkdir(parents=True)
    (folder / "people.csv").write_text("\n".join(["SEQUENTIAL", *people]) + "\n")
    (folder / "scenario.xml").write_text((_SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8"), encoding="utf-8")
    command = [
        program, "-sf", "scenario.xml", "-inf", "people.csv", "-i", "127.0.0.1", "-mp", str(free_port_block(4)),
        "-trace_err", "-error_file", "errors.log", "-nostdin", *options,
    ]  # fmt: skip
    running = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if core is not None:
        os.sched_setaffinity(running.pid, {core})
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()


def _lines(path: Path) -> list[str]:
    """Without the head line."""
    return path.read_text().splitlines()[1:]
