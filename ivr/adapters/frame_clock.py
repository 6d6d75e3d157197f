"""One clock for all calls of a line: a tick every 20 ms by absolute time. One timer costs less than one per call."""

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum

import structlog

from ivr.adapters.sound import FRAME_MS

log = structlog.get_logger(__name__)

_FRAME_S = FRAME_MS / 1000
_LATE_S = 0.010
_GIVE_UP_S = 0.2


class Turn(StrEnum):
    """In each tick all of the first have their turn, then all of the second: a voice passes through in one tick."""

    HEAR = "hear"
    MIX = "mix"
    SEND = "send"


class FrameClock:
    """Gives every member its turns, and calls `on_late` when it is behind its time; runs only while it has members."""

    def __init__(self, on_late: Callable[[], None]) -> None:
        self._on_late = on_late
        self._turns: dict[Turn, dict[object, Callable[[], None]]] = {turn: {} for turn in Turn}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self.ticks = 0
        """Of the time gone by, those that were dropped among them: what a sender stamps his frames with."""

    def add(self, member: object, turns: Mapping[Turn, Callable[[], None]]) -> None:
        for turn, act in turns.items():
            self._turns[turn][member] = act
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + _FRAME_S
            self._timer = loop.call_at(self._due, self._tick)

    def remove(self, member: object) -> None:
        self._forget(member)
        if self._is_idle and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _is_idle(self) -> bool:
        return not any(self._turns.values())

    def _forget(self, member: object) -> None:
        for members in self._turns.values():
            members.pop(member, None)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() - self._due
        if late > _LATE_S:
            self._on_late()
        if late > _GIVE_UP_S:
            self._go_on(int(late / _FRAME_S))
        for members in self._turns.values():
            for member, act in tuple(members.items()):
                try:
                    act()
                except Exception:
                    # the edge of a tick: one broken call must not silence the others
                    log.exception("line.tick.failed")
                    self._forget(member)
        self._go_on(1)
        self._timer = loop.call_at(self._due, self._tick) if not self._is_idle else None

    def _go_on(self, ticks: int) -> None:
        """After a short stall missed ticks are made up for; after a long one (a stopped machine) they are dropped."""
        self.ticks += ticks
        self._due += ticks * _FRAME_S
