"""The ladder: what follows a call attempt that brought no rating. It always ends, and with a person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import LadderWrong

_NUMBER = re.compile(r"\+?[0-9]{3,15}")


@dataclass(frozen=True, slots=True)
class Ladder:
    """Waits before the next attempt, by outcome.

    Each outcome climbs its own rungs: the n-th time a task meets `busy`, the n-th wait of `busy` is
    used, whatever happened in between. So a network failure never uses up a citizen's tries, and an
    attempt that was never dialled costs none of them. After the last rung, or where there is none,
    a person takes over. The rungs of all outcomes together bound the attempts of one task.
    """

    waits: Mapping[Disposition, tuple[timedelta, ...]]

    @classmethod
    def from_minutes(cls, minutes: Mapping[str, Sequence[float]]) -> "Ladder":
        """From the policy's table; raises LadderWrong naming a key that is no outcome to retry after."""
        waits: dict[Disposition, tuple[timedelta, ...]] = {}
        for word, steps in minutes.items():
            if word not in set(Disposition) - {Disposition.ANSWERED}:
                raise LadderWrong(f"callbacks.ladder.{word}: no outcome to retry after", key=word)
            if any(step < 0 for step in steps):
                raise LadderWrong(f"callbacks.ladder.{word}: a wait is not negative", key=word)
            waits[Disposition(word)] = tuple(timedelta(minutes=step) for step in steps)
        return cls(MappingProxyType(waits))

    @property
    def max_attempts(self) -> int:
        """No task is dialled more often than this."""
        return sum(len(steps) for steps in self.waits.values()) + 1

    def wait_after(self, history: Sequence[Disposition]) -> timedelta | None:
        """Wait before the next attempt; None: a person takes over.

        `history` holds the outcomes of all ended attempts of the task, the last of them last.
        The bound on its length matters when a late report has changed an earlier outcome.
        """
        if not history or len(history) >= self.max_attempts:
            return None
        last = history[-1]
        steps = self.waits.get(last, ())
        times_met = sum(1 for outcome in history if outcome is last)
        return steps[times_met - 1] if times_met <= len(steps) else None


def can_be_dialled(phone: str) -> bool:
    """Digits only, as a telephone number has them (E.164 allows fifteen).

    The number is what the caller's network claimed: withheld ones, addresses (`sip:…`) and feature codes
    (`*72…`) are never dialled by a machine; a person must find a way.
    """
    return _NUMBER.fullmatch(phone.strip()) is not None
