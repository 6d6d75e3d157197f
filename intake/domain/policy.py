"""The limits of the entrance, filled from config/policy.toml by app/bootstrap.py."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    uploads_per_minute: int
    """Of one client."""
    fetch_for: timedelta
    """How long the fetching of a referred sound is tried again."""
    lease: timedelta = timedelta(seconds=30)
    """A delivery that was taken and not finished for so long is taken again."""


@dataclass(frozen=True, slots=True)
class CallEventPolicy:
    """What another telephone system may say, and how long it may be silent."""

    per_minute: int
    """Of one client."""
    not_older_than: timedelta
    not_ahead_by: timedelta
    silent_for: timedelta
    """A call of which nothing was heard for so long is over."""
