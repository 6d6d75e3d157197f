"""The duty roster 排班表: who is A and who is B of each seat at an instant, and which minutes nobody covers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ticketing.domain.errors import BadShift, PhoneOfAnother

_BROWSER = "browser:"


class PresenceState(StrEnum):
    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class DeskFacts:
    id: str
    name: str
    is_intake: bool


@dataclass(frozen=True, slots=True)
class SeatFacts:
    id: str
    desk_id: str
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A seat's pair from `starts_at` (included) to `ends_at` (excluded; None: until further notice)."""

    id: str
    seat_id: str
    starts_at: datetime
    ends_at: datetime | None
    a_person_id: str
    b_person_id: str

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def overlaps(self, other: "Shift") -> bool:
        return (other.ends_at is None or self.starts_at < other.ends_at) and (
            self.ends_at is None or other.starts_at < self.ends_at
        )


@dataclass(frozen=True, slots=True)
class DutyPair:
    """The two people of a seat who are on duty."""

    seat_id: str
    a_person_id: str
    b_person_id: str


class Gap(NamedTuple):
    """Time that nobody covers."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PresenceFacts:
    person_id: str
    state: PresenceState
    since: datetime
    seen_at: datetime
    """The last sign of life of his console."""
    worked_at: datetime | None = None
    """When he last got or finished work."""
    away_reason: str | None = None
    """Why he was set away, when it was not his choice (a MissReason)."""
    phone: str | None = None
    """Where calls for him ring."""

    def is_silent(self, now: datetime, grace_s: float) -> bool:
        """His console has given no sign for the grace time."""
        return now - self.seen_at >= timedelta(seconds=grace_s)

    def is_signed_in(self, now: datetime, grace_s: float) -> bool:
        return self.state is not PresenceState.OFFLINE and not self.is_silent(now, grace_s)

    def is_available(self, now: datetime, grace_s: float) -> bool:
        return self.state is PresenceState.AVAILABLE and not self.is_silent(now, grace_s)

    def has_left(self, now: datetime, grace_s: float) -> bool:
        """Gone for at least the grace time: a page that is merely reloaded has not left."""
        was_offline_at = self.since if self.state is PresenceState.OFFLINE else now
        return self.is_silent(now, grace_s) or now - was_offline_at >= timedelta(seconds=grace_s)


def check_phone(phone: str, person_id: str) -> None:
    """Raises PhoneOfAnother: a browser rings for who is signed in there, and can only be his own."""
    if phone.startswith(_BROWSER) and phone != f"{_BROWSER}{person_id}":
        raise PhoneOfAnother


def on_duty(shifts: Iterable[Shift], at: datetime) -> list[DutyPair]:
    """The pairs on duty at the instant, in the order the shifts were given."""
    return [DutyPair(shift.seat_id, shift.a_person_id, shift.b_person_id) for shift in shifts if shift.covers(at)]


def check_shift(new: Shift, others: Iterable[Shift]) -> None:
    """Raises BadShift for a pair of one person, a shift without length, or an overlap on the same seat."""
    if new.a_person_id == new.b_person_id:
        raise BadShift("A and B must be two people", reason="same_person")
    if new.ends_at is not None and new.ends_at <= new.starts_at:
        raise BadShift("a shift must end after it starts", reason="ends_before_start")
    if any(other.seat_id == new.seat_id and other.id != new.id and other.overlaps(new) for other in others):
        raise BadShift("the seat has a shift at that time already", reason="overlap")


def uncovered(shifts: Iterable[Shift], starts_at: datetime, ends_at: datetime) -> list[Gap]:
    """The gaps of [starts_at, ends_at) in which no shift runs, in order."""
    gaps: list[Gap] = []
    covered_until = starts_at
    for shift in sorted(shifts, key=lambda shift: shift.starts_at):
        if covered_until >= ends_at:
            break
        if shift.starts_at > covered_until:
            gaps.append(Gap(covered_until, min(shift.starts_at, ends_at)))
        covered_until = max(covered_until, ends_at if shift.ends_at is None else shift.ends_at)
    if covered_until < ends_at:
        gaps.append(Gap(covered_until, ends_at))
    return gaps
