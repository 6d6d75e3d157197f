"""Telling other programs something: when to try again, and when to stop."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

FAILED_STAGE = "unreadable"
"""The other stages are ticket statuses: `new`, `accepted`, `resolved`, …"""

_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 86400))


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Delivery(Protocol):
    """One thing to tell somebody; `tries`: how often it was begun."""

    @property
    def id(self) -> str: ...

    @property
    def tries(self) -> int: ...


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A client is told how its message stands."""

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
