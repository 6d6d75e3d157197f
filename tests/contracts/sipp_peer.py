"""SIPp as the other side of a call: an independent SIP implementation that obeys a scenario file and judges by it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from kit.net import free_port

SCENARIOS = Path(__file__).parent / "sipp"
_DEADLINE_S = 20


class SippFailed(AssertionError):
    """SIPp saw something else than its scenario allows."""


@dataclass
class Sipp:
    """One SIPp process. `port` is its SIP port, of interest when it is the one called."""

    port: int
    _running: asyncio.subprocess.Process
    _folder: Path

    async def passes(self) -> None:
        """Wait for the scenario's end; raises SippFailed with what SIPp complained about."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                code = await self._running.wait()
        except TimeoutError:
            raise SippFailed("SIPp did not end in time") from None
        if code != 0:
            complaints = [path.read_text(errors="replace") for path in self._folder.glob("errors.log")]
            raise SippFailed(f"SIPp ended with {code}: {' '.join(complaints)[-2000:]}")


@asynccontextmanager
async def sipp(
    scenario: str,
    folder: Path,
    *,
    to_port: int = 9,
    calls: int = 1,
    per_second: int = 10,
    pause_ms: int = 300,
    over_tcp: bool = False,
    words: dict[str, str] | None = None,
) -> AsyncIterator[Sipp]:
    """Start SIPp on a free port: `uac_…` scenarios call `to_port` at once, `uas_…` wait for one call.
    `words` stand in the scenario as `[word]`."""
    _write_scenario(folder, scenario, words or {})
    port = free_port()
    command = [
        "sipp", f"127.0.0.1:{to_port}", "-sf", "scenario.xml", "-i", "127.0.0.1",
        "-p", str(port), "-m", str(calls), "-r", str(per_second), "-l", "1000", "-d", str(pause_ms),
        "-t", "t1" if over_tcp else "u1", "-mp", str(free_port()), "-timeout", f"{_DEADLINE_S - 2}s", "-timeout_error",
        "-trace_err", "-error_file", str(folder / "errors.log"), "-nostdin",
    ]  # fmt: skip
    running = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        if scenario.startswith("uas_"):
            await _listening(port, over_tcp, running)
        yield Sipp(port, running, folder)
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


def _write_scenario(folder: Path, scenario: str, words: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for name, value in words.items():
        text = text.replace(f"[{name}]", value)
    (folder / "scenario.xml").write_text(text)


async def _listening(port: int, over_tcp: bool, running: asyncio.subprocess.Process) -> None:
    """SIPp tells nobody when it is ready: its port is taken then."""
    async with asyncio.timeout(5):
        while running.returncode is None:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM if over_tcp else socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    return
            await asyncio.sleep(0.02)
    raise SippFailed(f"SIPp ended with {running.returncode} before it was called")
