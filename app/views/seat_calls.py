"""Calls and people on the screens: my call, and for supervisors the line, the talks and the seats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.views.seats_by_state import SeatsByState, SeatState, seats_by_state
from app.views.viewer import PersonRef, person_ref
from ivr.models import Call
from people.models import Person
from ticketing.domain.lifecycle import TicketStatus
from ticketing.domain.seat_call import HOLDS_A_PERSON, IN_LINE, SeatCallStatus, WrapUpCode
from ticketing.domain.ticket import is_identified
from ticketing.duty_models import Desk
from ticketing.models import Ticket
from ticketing.seat_call_models import SeatCall, SeatOrder, SeatWrapUp
from ticketing.seat_call_repository import owed_wrap_ups

_OPEN_TICKETS_SHOWN = 10
_ENGAGED = {SeatCallStatus.OFFERED: SeatState.RINGING, SeatCallStatus.TALKING: SeatState.TALKING}
_IS_ON_THE_PHONE = frozenset(_ENGAGED)
_FAILURES_SHOWN_FOR = timedelta(minutes=2)
_TALK_OVER = "talk_over"
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

    Who writes up his part sees `wrap_up`, though others may talk on. `emergency_words`: words of danger heard so far.
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
class FailedOrder:
    """What the viewer wanted of a talk just now and did not get. `code`: why, `seat_order.busy` and the like."""

    number: int
    call_id: str
    kind: str
    code: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Wallboard:
    """`answered_at_once`: of those answered today, how many within 15 s of coming into the line.

    `calls`: one for each person who writes up, beside the call itself while it goes on. `failed_orders`: the viewer's
    own of the last minutes, the latest first.
    """

    at: datetime
    seats: SeatsByState
    waiting: int
    longest_wait_s: int
    talking: int
    wrapping_up: int
    answered: int
    answered_at_once: int
    abandoned: int
    diverted: int
    calls: list[SeatCallView]
    failed_orders: list[FailedOrder]


@dataclass(frozen=True, slots=True)
class CallInHands:
    """What a screen shows of a live call, to see that it changed."""

    person_id: str | None
    status: SeatCallStatus
    offer_no: int
    talk: str
    emergency: str
    writing: frozenset[str] = frozenset()
    """Who has still to write up his part."""

    @property
    def people(self) -> frozenset[str]:
        return self.writing | ({self.person_id} if self.person_id else set())


def seat_calls_in_hands(session: Session) -> dict[str, CallInHands]:
    """Every call that waits, rings, is talked or written up, by id."""
    writing: dict[str, set[str]] = {}
    for owed in owed_wrap_ups(session):
        writing.setdefault(owed.call_id, set()).add(owed.person_id)
    query = (
        select(SeatCall, Call.emergency_words)
        .outerjoin(Call, Call.id == SeatCall.id)
        .where(or_(SeatCall.status.in_(IN_LINE | HOLDS_A_PERSON), SeatCall.id.in_(writing)))
    )
    return {
        row.id: CallInHands(
            row.person_id, row.status, row.offer_no, repr(row.talk_state), repr(words),
            frozenset(writing.get(row.id, ())),
        )
        for row, words in session.execute(query)
    }  # fmt: skip


def my_seat_call(session: Session, person_id: str, wrap_up_s: float) -> SeatCallView | None:
    """What rings at him or is talked comes before what he has still to write up."""
    row = session.scalars(
        select(SeatCall).where(SeatCall.person_id == person_id, SeatCall.status.in_(_IS_ON_THE_PHONE)).limit(1)
    ).first()
    if row is not None:
        return _view(session, row)
    for owed in owed_wrap_ups(session, person_id):
        return _written_up(session, owed, wrap_up_s)
    return None


def ring_facts(session: Session, call_id: str) -> dict[str, str]:
    """What a phone with a screen shows of a call while it rings; what is not known is left out."""
    found = session.execute(
        select(SeatCall, Call.line).outerjoin(Call, Call.id == SeatCall.id).where(SeatCall.id == call_id)
    ).one_or_none()
    if found is None:
        return {}
    row, line = found
    facts = {"caller": row.caller, "line": line or "", "waiting_since": row.joined_at.isoformat()}
    facts["ticket"] = "、".join(ticket.number for ticket in _open_tickets(session, row.caller))
    return {name: value for name, value in facts.items() if value}


def wallboard(
    session: Session, viewer_id: str, now: datetime, since: datetime, *, wrap_up_s: float, grace_s: float
) -> Wallboard:
    """Counts of calls that came into the line since that instant, and all live ones, the longest in line first.

    `grace_s`: a console that was not seen for so long counts as offline.
    """
    live = session.scalars(
        select(SeatCall).where(SeatCall.status.in_(IN_LINE | _IS_ON_THE_PHONE)).order_by(SeatCall.placed_at)
    ).all()
    writing = [_written_up(session, owed, wrap_up_s) for owed in owed_wrap_ups(session)]
    waits = [now - row.joined_at for row in live if row.status in IN_LINE]
    first_part = select(func.min(SeatWrapUp.talked_from)).where(SeatWrapUp.call_id == SeatCall.id).scalar_subquery()
    answered_at = func.coalesce(first_part, SeatCall.talked_from)
    times = select(SeatCall.joined_at, answered_at).where(
        SeatCall.joined_at >= since, SeatCall.talked_from.is_not(None)
    )
    answered = [at - joined for joined, at in session.execute(times)]
    by_status = select(SeatCall.status, func.count()).where(SeatCall.joined_at >= since).group_by(SeatCall.status)
    ended = {row[0]: row[1] for row in session.execute(by_status)}
    engaged = {view.person.id: SeatState.WRAPPING_UP for view in writing if view.person}
    engaged |= {row.person_id: _ENGAGED[row.status] for row in live if row.person_id and row.status in _ENGAGED}
    return Wallboard(
        at=now,
        seats=seats_by_state(session, now, grace_s, engaged),
        waiting=len(waits),
        longest_wait_s=round(max(waits, default=timedelta()).total_seconds()),
        talking=sum(row.status is SeatCallStatus.TALKING for row in live),
        wrapping_up=len(writing),
        answered=len(answered),
        answered_at_once=sum(wait <= timedelta(seconds=_AT_ONCE_S) for wait in answered),
        abandoned=ended.get(SeatCallStatus.ABANDONED, 0),
        diverted=ended.get(SeatCallStatus.DIVERTED, 0),
        calls=[*(_view(session, row) for row in live), *writing],
        failed_orders=_failed_orders(session, viewer_id, now - _FAILURES_SHOWN_FOR),
    )


def _failed_orders(session: Session, person_id: str, since: datetime) -> list[FailedOrder]:
    """Also those that nobody took before their talk was over."""
    is_overtaken = SeatOrder.taken_at.is_(None) & (SeatCall.status != SeatCallStatus.TALKING)
    found = session.scalars(
        select(SeatOrder)
        .join(SeatCall, SeatCall.id == SeatOrder.call_id)
        .where(SeatOrder.person_id == person_id, SeatOrder.given_at >= since)
        .where(or_(SeatOrder.failure.is_not(None), is_overtaken))
        .order_by(SeatOrder.id.desc())
    )
    return [
        FailedOrder(order.id, order.call_id, order.kind, _code(order.failure or _TALK_OVER), order.given_at)
        for order in found
    ]


def _code(failure: str) -> str:
    return f"seat_order.{failure}"


def _open_tickets(session: Session, caller: str) -> Sequence[Ticket]:
    """None for who withholds his number: they are many."""
    if not is_identified(caller):
        return []
    return session.scalars(
        select(Ticket)
        .where(Ticket.caller == caller, Ticket.status != TicketStatus.CLOSED)
        .order_by(Ticket.created_at.desc())
        .limit(_OPEN_TICKETS_SHOWN)
    ).all()


def _written_up(session: Session, owed: SeatWrapUp, wrap_up_s: float) -> SeatCallView:
    """The call as he sees it who writes up his part."""
    row = session.get_one(SeatCall, owed.call_id)
    return replace(
        _view(session, row),
        status=SeatCallStatus.WRAP_UP,
        offer_no=owed.offer_no,
        offer_expires_at=None,
        talked_from=owed.talked_from,
        talked_until=owed.talked_until,
        wrap_up_due_at=owed.talked_until + timedelta(seconds=wrap_up_s),
        talk={},
        person=_person(session, owed.person_id),
    )


def _person(session: Session, person_id: str | None) -> PersonRef | None:
    name = session.scalar(select(Person.display_name).where(Person.id == person_id)) if person_id else None
    return person_ref(person_id, name)


def _view(session: Session, row: SeatCall) -> SeatCallView:
    desks = session.scalars(select(Desk).where(Desk.id != row.desk_id).order_by(Desk.name))
    return SeatCallView(
        call_id=row.id,
        status=row.status,
        caller=row.caller,
        joined_at=row.joined_at,
        offer_no=row.offer_no,
        offer_expires_at=row.offer_expires_at,
        talked_from=row.talked_from,
        talked_until=row.talked_until,
        wrap_up_due_at=None,
        talk=row.talk_state or {},
        emergency_words=session.scalar(select(Call.emergency_words).where(Call.id == row.id)) or [],
        person=_person(session, row.person_id),
        open_tickets=[
            OpenTicket(ticket.id, ticket.number, ticket.status) for ticket in _open_tickets(session, row.caller)
        ],
        other_desks=[OtherDesk(desk.id, desk.name) for desk in desks],
    )
