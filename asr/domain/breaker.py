"""The circuit breaker of recognition: when nothing can be recognised, a worker takes nothing for a while.

Closed: all is well. Open: it rests. When the rest is over it tries one job, whose end decides.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    failures: int
    """So many different messages in a row, with no success in between, open it."""
    rest: timedelta


@dataclass(frozen=True, slots=True)
class Breaker:
    """One state; every event gives the next one. A message that fails over and over counts once."""

    policy: BreakerPolicy
    failed: frozenset[str] = frozenset()
    opened_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None

    def rest_left(self, now: datetime) -> timedelta:
        """Zero: a job may be taken (while it is open, one only)."""
        if self.opened_at is None:
            return timedelta()
        return max(self.opened_at + self.policy.rest - now, timedelta())

    def after_success(self) -> "Breaker":
        return Breaker(self.policy)

    def after_failure(self, message_id: str, now: datetime) -> "Breaker":
        failed = self.failed | {message_id}
        opens = self.is_open or len(failed) >= self.policy.failures
        return replace(self, failed=failed, opened_at=now if opens else None)
