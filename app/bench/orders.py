"""How a side of a measurement is told when the window begins and ends, and what it used between the two."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

BEGIN, END, STOP = "begin", "end", "stop"
"""Orders to a side: the window begins; it ends (answered by a Load); stop (answered by what else it knows)."""

_FRAME_S = 0.02
_LOOK_S = 0.007  # no divisor of 20 ms: the looks fall everywhere between two ticks


@dataclass(frozen=True, slots=True)
class Load:
    """What a side used and how late its loop was between BEGIN and END."""

    cpu_s: float
    wall_s: float
    timer_lateness_ms: list[float]
    live_calls: int


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


async def obey(orders: Connection, live_calls: Callable[[], int]) -> None:
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
