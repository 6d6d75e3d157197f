"""Callers that are not our own stack: one SIPp process that places many calls and times the answers.

SIPp does the signalling only. Where media counts, its offers name the ports of `rtp_peer.py`.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kit.errors import Unavailable
from kit.net import free_port_block

_SCENARIO = Path(__file__).parent / "scenarios" / "held_call.xml"


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
    folder: Path, *, to_port: int, media_ports: Sequence[int], per_second: int, hold_s: float, core: int | None = None
) -> Iterator[SippCallers]:
    """One call per media port, each held for `hold_s`; SIPp is gone at the block's end."""
    program = shutil.which("sipp")
    if program is None:
        raise SippMissing("SIPp is not installed (Debian package sip-tester)")
    folder.mkdir(parents=True)
    numbers = [f"139{number:08}" for number in range(1, len(media_ports) + 1)]
    callers = [f"{port};{number}" for port, number in zip(media_ports, numbers, strict=True)]
    (folder / "callers.csv").write_text("\n".join(["SEQUENTIAL", *callers]) + "\n")
    (folder / "scenario.xml").write_text(_SCENARIO.read_text(encoding="utf-8"), encoding="utf-8")
    calls = len(media_ports)
    command = [
        program, f"127.0.0.1:{to_port}", "-sf", "scenario.xml", "-inf", "callers.csv", "-i", "127.0.0.1",
        "-p", str(free_port_block(2)), "-mp", str(free_port_block(4)), "-m", str(calls), "-l", str(calls),
        "-r", str(per_second), "-d", str(round(hold_s * 1000)), "-timeout", f"{hold_s + calls / per_second + 30:.0f}s",
        "-timeout_error", "-trace_err", "-error_file", "errors.log", "-trace_rtt", "-rtt_freq", "1", "-nostdin",
    ]  # fmt: skip
    running = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if core is not None:
        os.sched_setaffinity(running.pid, {core})
    try:
        yield SippCallers(running, folder, numbers)
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()


def _lines(path: Path) -> list[str]:
    """Without the head line."""
    return path.read_text().splitlines()[1:]
