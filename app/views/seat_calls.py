"""Calls and people on the screens: my call, and for supervisors the line, the talks and the seats."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.views.viewer import PersonRef, person_ref
from ivr.models import Call
from people.models import Person
from ticketing.domain.lifecycle import TicketStatus
from ticketing.domain.seat_call import HOLDS_A_PERSON, IN_LINE, SeatCallStatus, WrapUpCode
from ticketing.duty_models import Desk
from ticketing.models import Ticket
from ticketing.seat_call_models import SeatCall

_OPEN_TICKETS_SHOWN = 10
_AT_ONCE_S = 15
"""GB/T 33358-2016: a call is to be answered within 15 seconds."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    id: str
    number: str
    status: TicketStatus


@dataclass(frozen=True, slots=True)
class OtherDesk:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SeatCallView:
    """A call as its person sees it. `talk`: how it stands (held, muted, recorded, guests), empty before it began.

    `emergency_words`: words of danger heard so far.
    """

    call_id: str
    status: SeatCallStatus
    caller: str
    joined_at: datetime
    offer_no: int
    offer_expires_at: datetime | None
    talked_from: datetime | None
    talked_until: datetime | None
    wrap_up_due_at: datetime | None
    talk: dict[str, Any]
    emergency_words: list[str]
    person: PersonRef | None
    open_tickets: list[OpenTicket]
    other_desks: list[OtherDesk]
    """Where he may be sent."""
    wrap_up_codes: tuple[WrapUpCode, ...] = tuple(WrapUpCode)


@dataclass(frozen=True, slots=True)
class Wallboard:
    """`answered_at_once`: of those answered today, how many within 15 s of coming into the line."""

    at: datetime
    waiting: int
    longest_wait_s: int
    talking: int
    wrapping_up: int
    answered: int
    answered_at_once: int
    abandoned: int
    diverted: int
    calls: list[SeatCallView]


@dataclass(frozen=True, slots=True)
class CallInHands:
    """What a screen shows of a live call, to see that it changed."""

    person_id: str | None
    status: SeatCallStatus
    offer_no: int
    talk: str
    emergency: str


def seat_calls_in_hands(session: Session) -> dict[str, CallInHands]:
    """Every call that waits, rings, is talked or written up, by id."""
    query = (
        select(SeatCall, Call.emergency_words)
        .outerjoin(Call, Call.id == SeatCall.id)
        .where(SeatCall.status.in_(IN_LINE | HOLDS_A_PERSON))
    )
    return {
        row.id: CallInHands(row.person_id, row.status, row.offer_no, repr(row.talk_state), repr(words))
        for row, words in session.execute(query)
    }


def my_seat_call(session: Session, person_id: str, wrap_up_s: float) -> SeatCallView | None:
    row = session.scalars(
        select(SeatCall).where(SeatCall.person_id == person_id, SeatCall.status.in_(HOLDS_A_PERSON)).limit(1)
    ).first()
    return _view(session, row, wrap_up_s) if row is not None else None


def wallboard(session: Session, now: datetime, since: datetime, wrap_up_s: float) -> Wallboard:
    """Counts of calls that came into the line since that instant, and all live ones, the longest in line first."""
    live = session.scalars(
        select(SeatCall).where(SeatCall.status.in_(IN_LINE | HOLDS_A_PERSON)).order_by(SeatCall.placed_at)
    ).all()
    waits = [now - row.joined_at for row in live if row.status in IN_LINE]
    answered = [
        begun - joined
        for joined, begun in session.execute(
            select(SeatCall.joined_at, SeatCall.talked_from).where(
                SeatCall.joined_at >= since, SeatCall.talked_from.is_not(None)
            )
        )
        if begun is not None
    ]
    by_status = select(SeatCall.status, func.count()).where(SeatCall.joined_at >= since).group_by(SeatCall.status)
    ended = {row[0]: row[1] for row in session.execute(by_status)}
    return Wallboard(
        at=now,
        waiting=len(waits),
        longest_wait_s=round(max(waits, default=timedelta()).total_seconds()),
        talking=sum(row.status is SeatCallStatus.TALKING for row in live),
        wrapping_up=sum(row.status is SeatCallStatus.WRAP_UP for row in live),
        answered=len(answered),
        answered_at_once=sum(wait <= timedelta(seconds=_AT_ONCE_S) for wait in answered),
        abandoned=ended.get(SeatCallStatus.ABANDONED, 0),
        diverted=ended.get(SeatCallStatus.DIVERTED, 0),
        calls=[_view(session, row, wrap_up_s) for row in live],
    )


def _view(session: Session, row: SeatCall, wrap_up_s: float) -> SeatCallView:
    name = session.scalar(select(Person.display_name).where(Person.id == row.person_id)) if row.person_id else None
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.caller == row.caller, Ticket.status != TicketStatus.CLOSED)
        .order_by(Ticket.created_at.desc())
        .limit(_OPEN_TICKETS_SHOWN)
    )
    desks = session.scalars(select(Desk).where(Desk.id != row.desk_id).order_by(Desk.name))
    is_writing = row.status is SeatCallStatus.WRAP_UP and row.talked_until is not None
    return SeatCallView(
        call_id=row.id,
        status=row.status,
        caller=row.caller,
        joined_at=row.joined_at,
        offer_no=row.offer_no,
        offer_expires_at=row.offer_expires_at,
        talked_from=row.talked_from,
        talked_until=row.talked_until,
        wrap_up_due_at=row.talked_until + timedelta(seconds=wrap_up_s) if is_writing and row.talked_until else None,
        talk=row.talk_state or {},
        emergency_words=session.scalar(select(Call.emergency_words).where(Call.id == row.id)) or [],
        person=person_ref(row.person_id, name),
        open_tickets=[OpenTicket(ticket.id, ticket.number, ticket.status) for ticket in tickets],
        other_desks=[OtherDesk(desk.id, desk.name) for desk in desks],
    )
