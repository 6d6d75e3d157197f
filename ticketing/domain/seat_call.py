"""A call that wants a person 人工通话: its place in the desk's line, the offers, the talk, the wrap-ups. One table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ticketing.domain.errors import SeatCallMovedOn


class SeatCallStatus(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"  # somebody's phone rings
    TALKING = "talking"
    WRAP_UP = "wrap_up"  # the talk is over; its last person still writes
    DONE = "done"
    ABANDONED = "abandoned"  # the caller hung up while he waited
    DIVERTED = "diverted"  # the caller left a message, or wants to be called back, instead


class SeatCallAction(StrEnum):
    OFFER = "offer"
    MISS = "miss"
    ACCEPT = "accept"
    REQUEUE = "requeue"
    """His person's leg broke; he is still there."""
    TRANSFER = "transfer"
    """To the line of another desk."""
    ABANDON = "abandon"
    DIVERT = "divert"
    END_TALK = "end_talk"
    WRAP_UP = "wrap_up"


SEAT_CALL_LIFE: dict[tuple[SeatCallStatus, SeatCallAction], SeatCallStatus] = {
    (SeatCallStatus.WAITING, SeatCallAction.OFFER): SeatCallStatus.OFFERED,
    (SeatCallStatus.OFFERED, SeatCallAction.MISS): SeatCallStatus.WAITING,
    (SeatCallStatus.OFFERED, SeatCallAction.ACCEPT): SeatCallStatus.TALKING,
    (SeatCallStatus.TALKING, SeatCallAction.REQUEUE): SeatCallStatus.WAITING,
    (SeatCallStatus.TALKING, SeatCallAction.TRANSFER): SeatCallStatus.WAITING,
    (SeatCallStatus.WAITING, SeatCallAction.ABANDON): SeatCallStatus.ABANDONED,
    (SeatCallStatus.OFFERED, SeatCallAction.ABANDON): SeatCallStatus.ABANDONED,
    (SeatCallStatus.WAITING, SeatCallAction.DIVERT): SeatCallStatus.DIVERTED,
    (SeatCallStatus.OFFERED, SeatCallAction.DIVERT): SeatCallStatus.DIVERTED,
    (SeatCallStatus.TALKING, SeatCallAction.END_TALK): SeatCallStatus.WRAP_UP,
    (SeatCallStatus.WRAP_UP, SeatCallAction.WRAP_UP): SeatCallStatus.DONE,
}

IN_LINE = frozenset({SeatCallStatus.WAITING, SeatCallStatus.OFFERED})
HOLDS_A_PERSON = frozenset({SeatCallStatus.OFFERED, SeatCallStatus.TALKING, SeatCallStatus.WRAP_UP})
"""Its person gets no other call."""


def next_seat_call_status(status: SeatCallStatus, action: SeatCallAction) -> SeatCallStatus:
    """Status after the action; raises SeatCallMovedOn where the table has no row: somebody else was faster."""
    try:
        return SEAT_CALL_LIFE[status, action]
    except KeyError:
        raise SeatCallMovedOn(f"a call that is {status} does not allow {action}", status=status) from None


def statuses_before(action: SeatCallAction) -> list[SeatCallStatus]:
    return [status for status, allowed in SEAT_CALL_LIFE if allowed is action]


class WrapUpCode(StrEnum):
    """Why a talk was held, and how it ended; mandatory before the next call."""

    TICKET = "ticket"  # to be handled
    ANSWERED = "answered"  # answered on the phone
    TRANSFERRED = "transferred"
    NOTHING_SAID = "nothing_said"
    NUISANCE = "nuisance"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """Whose phone is to ring now, for which call."""

    call_id: str
    offer_no: int
    person_id: str
    phone: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GivenOrder:
    """What a person wants of a talk."""

    number: int
    call_id: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller stands. `wait` None: nothing is known yet to guess it by."""

    number: int
    """1: the next."""
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class SeatCallFacts:
    call_id: str
    desk_id: str
    caller: str = field(repr=False)
    status: SeatCallStatus
    joined_at: datetime
    placed_at: datetime
    offer_no: int
    person_id: str | None
    offer_expires_at: datetime | None
    talked_from: datetime | None
    talked_until: datetime | None
    telephony_id: str


def expected_wait(ahead: int, handling_s: Sequence[float], people: int) -> timedelta | None:
    """How long until it is this caller's turn: so many turns, each as long as recent calls took, shared by `people`.

    `handling_s`: seconds of talk and wrap-up of recent calls. None without any, or with nobody there.
    """
    if not handling_s or people < 1:
        return None
    average = sum(handling_s) / len(handling_s)
    return timedelta(seconds=average * (ahead + 1) / people)
