"""Leaving a machine alone for a while after it failed, longer each time. Kept in memory: a restart forgives."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.clock import Clock

_FIRST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Rest:
    length: timedelta
    until: datetime


class Rests:
    """By whatever names a machine: a host, an address."""

    def __init__(self, clock: Clock, longest: timedelta) -> None:
        self._clock = clock
        self._longest = longest
        self._rests: dict[str, _Rest] = {}

    def is_resting(self, whom: str) -> bool:
        rest = self._rests.get(whom)  # once: another thread may end it meanwhile
        return rest is not None and self._clock.now() < rest.until

    def resting(self) -> list[str]:
        return [whom for whom in list(self._rests) if self.is_resting(whom)]

    def is_longest(self, whom: str) -> bool:
        """It has failed so often that its rests grow no longer."""
        rest = self._rests.get(whom)
        return rest is not None and rest.length >= self._longest

    def failed(self, whom: str) -> None:
        if self.is_resting(whom):
            return  # several failed side by side: that is one failure of the machine
        before = self._rests.get(whom)
        length = min(before.length * 2, self._longest) if before else _FIRST
        self._rests[whom] = _Rest(length, self._clock.now() + length)

    def succeeded(self, whom: str) -> None:
        self._rests.pop(whom, None)
