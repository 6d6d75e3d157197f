"""The two processes that `calls.py` compares: the line with its calls, and a bare loop that moves the same packets."""

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from app.bench.side import settle_down
from config.logging_setup import configure_logging
from config.settings import ROOT
from ivr.adapters.embedded_sip import Count, EmbeddedSipConfig, EmbeddedSipLine
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, Clip, Recorded

BEGIN, END, STOP = "begin", "end", "stop"
"""Orders to a side: the window begins; it ends (answered by a Load); stop (answered by what else it knows)."""

_PROMPT = Clip("menu", ROOT / "config" / "prompts" / "zh-CN" / "menu.wav")
_LONGEST_RECORDING_S = 600
_FRAME_S = 0.02
_FRAME_SAMPLES = 160
_HEADER = struct.Struct("!BBHII")
_LOOK_S = 0.007  # no divisor of 20 ms: the looks fall everywhere between two ticks


@dataclass(frozen=True, slots=True)
class Load:
    """What a side used and how late its loop was between BEGIN and END."""

    cpu_s: float
    wall_s: float
    timer_lateness_ms: list[float]
    live_calls: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What was left of the calls: the sound heard in each recording, and oddities of the whole run."""

    heard_ms: list[int]
    late_ticks: int
    late_packets: int


class _Watch:
    """CPU time of this process, and how late its event loop's timers fire."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lateness_ms: list[float] = []
        self._due = self._cpu_at = self._at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        self._lateness_ms.clear()
        self._at, self._cpu_at = time.perf_counter(), time.process_time()
        self._due = self._loop.time() + _LOOK_S
        self._timer = self._loop.call_at(self._due, self._look)

    def end(self, live_calls: int) -> Load:
        assert self._timer is not None
        self._timer.cancel()
        return Load(time.process_time() - self._cpu_at, time.perf_counter() - self._at, self._lateness_ms, live_calls)

    def _look(self) -> None:
        now = self._loop.time()
        self._lateness_ms.append((now - self._due) * 1000)
        self._due = max(self._due, now - _FRAME_S) + _LOOK_S
        self._timer = self._loop.call_at(self._due, self._look)


async def _obey(orders: Connection, live_calls: Callable[[], int]) -> None:
    """Until STOP, or until who gave the orders is gone."""
    loop, watch = asyncio.get_running_loop(), _Watch()
    given: asyncio.Queue[str] = asyncio.Queue()

    def take() -> None:
        try:
            given.put_nowait(orders.recv())
        except EOFError:
            given.put_nowait(STOP)

    loop.add_reader(orders.fileno(), take)
    try:
        while (order := await given.get()) != STOP:
            if order == BEGIN:
                watch.begin()
            elif order == END:
                orders.send(watch.end(live_calls()))
    finally:
        loop.remove_reader(orders.fileno())


# ---- the line's side


def hold_calls(orders: Connection, folder: str, most_calls: int, core: int | None) -> None:
    """A line that prompts every caller without end and records him as long as he stays. Tells its port first."""
    settle_down(core)
    configure_logging(level="ERROR", as_json=False, process="bench-line")
    asyncio.run(_hold_calls(orders, Path(folder), most_calls))


async def _hold_calls(orders: Connection, folder: Path, most_calls: int) -> None:
    line = EmbeddedSipLine(EmbeddedSipConfig(host="127.0.0.1", port=0, max_calls=most_calls))
    recorded: list[Recorded] = []

    async def hold(call: CallControl) -> None:
        await call.answer()
        recording = asyncio.create_task(
            call.record(folder / f"{call.call_id}.wav", max_s=_LONGEST_RECORDING_S, stop_on="")
        )
        try:
            while True:
                await call.play([_PROMPT], interrupt_on="")
        except CallerHungUp:
            recorded.append(await recording)

    line.on_call = hold
    await line.start()
    orders.send(line.port)
    await _obey(orders, lambda: len(line.live_calls))
    await line.stop()
    orders.send(
        Kept([each.speech_ms for each in recorded], line.counters[Count.LATE_TICKS], line.counters[Count.LATE_RTP])
    )


# ---- the bare side


class _Deaf(asyncio.DatagramProtocol):
    """Takes what comes and does nothing with it."""


def move_packets(orders: Connection, to_ports: list[int], core: int | None) -> None:
    """What anybody would write to send audio by asyncio: one timer every 20 ms, one packet per call."""
    settle_down(core)
    asyncio.run(_move_packets(orders, to_ports))


async def _move_packets(orders: Connection, to_ports: list[int]) -> None:
    loop = asyncio.get_running_loop()
    ends = [(await loop.create_datagram_endpoint(_Deaf, local_addr=("127.0.0.1", 0)))[0] for _ in to_ports]
    payload, sent, due = b"\xd5" * _FRAME_SAMPLES, 0, loop.time() + _FRAME_S

    def tick() -> None:
        nonlocal sent, due
        for number, (end, port) in enumerate(zip(ends, to_ports, strict=True)):
            header = _HEADER.pack(0x80, 8, sent & 0xFFFF, sent * _FRAME_SAMPLES & 0xFFFFFFFF, number)
            end.sendto(header + payload, ("127.0.0.1", port))
        sent, due = sent + 1, due + _FRAME_S
        loop.call_at(due, tick)

    loop.call_at(due, tick)
    orders.send(None)
    await _obey(orders, lambda: len(ends))
    for end in ends:
        end.close()
    orders.send(None)
