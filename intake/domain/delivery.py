"""Telling a client how its message stands: when to try again, and when to stop."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

FAILED_STAGE = "unreadable"
"""The other stages are ticket statuses: `new`, `accepted`, `resolved`, …"""

_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 86400))


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """One thing to tell, and to whom."""

    id: str
    upload_id: str
    stage: str
    round: int
    tries: int
    url: str
    secret: str = field(repr=False)


def wait_before_try(tries: int) -> timedelta | None:
    """After so many failed tries; None: give up (after about a day and a half)."""
    return _WAITS[tries - 1] if tries <= len(_WAITS) else None
