"""How guessing is slowed down: failures inside a sliding window close the door for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def closed_until(failures: Sequence[datetime], limit: int, window: timedelta, now: datetime) -> datetime | None:
    """When the next try is allowed; None: now.

    `failures` since the last success, in any order. One that is exactly `window` old has been
    forgotten. Refused tries are not failures: whoever keeps trying does not lengthen the wait.
    """
    recent = sorted(at for at in failures if at > now - window)
    return recent[-limit] + window if len(recent) >= limit else None
