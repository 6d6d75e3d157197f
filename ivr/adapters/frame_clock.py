"""One clock for all calls of a line: a tick every 20 ms by absolute time. One timer costs less than one per call."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from ivr.adapters.sound import FRAME_MS

log = structlog.get_logger(__name__)

_FRAME_S = FRAME_MS / 1000
_LATE_S = 0.010
_GIVE_UP_S = 0.2


class Ticking(Protocol):
    def tick(self) -> None: ...


class FrameClock:
    """Calls `tick` of every member, and `on_late` when it is behind its time; runs only while it has members."""

    def __init__(self, on_late: Callable[[], None]) -> None:
        self._on_late = on_late
        self._members: dict[Ticking, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, member: Ticking) -> None:
        self._members[member] = None
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + _FRAME_S
            self._timer = loop.call_at(self._due, self._tick)

    def remove(self, member: Ticking) -> None:
        self._members.pop(member, None)
        if not self._members and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() - self._due
        if late > _LATE_S:
            self._on_late()
        for member in tuple(self._members):
            try:
                member.tick()
            except Exception:
                # the edge of a tick: one broken call must not silence the others
                log.exception("line.tick.failed")
                self._members.pop(member, None)
        # after a short stall the missed ticks are made up for, after a long one (a stopped machine) they are dropped
        self._due += _FRAME_S if late < _GIVE_UP_S else late
        self._timer = loop.call_at(self._due, self._tick) if self._members else None
