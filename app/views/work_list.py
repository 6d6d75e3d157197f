"""Lists of tickets: an agent's own work, and what supervisors search through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.views.keyset import decode_cursor, encode_cursor, is_older
from app.views.viewer import Viewer
from ivr.models import VoiceMessage
from people.models import Person
from ticketing.department_models import Department, DepartmentMember
from ticketing.domain.assignment import HolderKind, SeatRole
from ticketing.domain.lifecycle import WORKING, TicketStatus
from ticketing.domain.ticket import Expedite
from ticketing.duty_models import Seat
from ticketing.models import GrabCandidate, TextSource, Ticket, TicketClock

_RANKS = (Ticket.status.in_(WORKING), Ticket.status.not_in(WORKING))
"""Asked one after the other: sorted together, a year's tickets would be sorted for every page."""


class WorkScope(StrEnum):
    MINE = "mine"  # held by me
    QUEUE = "queue"  # in the supervisor queue
    DEPARTMENT = "department"  # held by my departments
    GRAB = "grab"  # open to my departments
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Holder:
    """Exactly one of: a person on a seat, a department, the grab board, or the supervisor queue."""

    kind: HolderKind
    person_id: str | None
    person_name: str | None
    seat_name: str | None
    role: SeatRole | None
    department_id: str | None
    department_name: str | None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as a list shows it. `due_at` is its next running clock.

    `caller` is empty where the viewer must not learn who asks.
    """

    id: str
    number: str
    status: TicketStatus
    caller: str
    text: str
    text_source: TextSource
    round: int
    holder: Holder
    offer_no: int
    offer_expires_at: datetime | None
    grab_until: datetime | None
    is_confidential: bool
    expedited: Expedite | None
    due_clock: str | None
    due_at: datetime | None
    is_breached: bool
    message_ms: int | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketList:
    items: list[TicketRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TicketFilter:
    scope: WorkScope = WorkScope.MINE
    statuses: tuple[TicketStatus, ...] = ()
    holder_person_id: str | None = None
    text: str | None = None
    """Part of the ticket's text, number or caller."""
    cursor: str | None = None
    limit: int = 50


def ticket_list(session: Session, viewer: Viewer, wanted: TicketFilter) -> TicketList:
    """Open work first, then the newest; an agent gets his own only, whatever he asks for."""
    query = ticket_rows().where(*_conditions(viewer, wanted)).order_by(Ticket.created_at.desc(), Ticket.id.desc())
    start, created_at, ticket_id = _start(wanted.cursor)
    found: list[tuple[int, Any]] = []
    for rank, is_of_rank in enumerate(_RANKS):
        if rank < start:
            continue
        page = query.where(is_of_rank).limit(wanted.limit + 1 - len(found))
        if rank == start and ticket_id:
            page = page.where(is_older(Ticket.created_at, Ticket.id, created_at, ticket_id))
        found += [(rank, row) for row in session.execute(page)]
    shown = found[: wanted.limit]
    clocks = running_clocks(session, [row.Ticket.id for _, row in shown])
    sees_citizens = viewer.is_supervisor or wanted.scope is WorkScope.MINE
    items = [ticket_row(row, clocks.get(row.Ticket.id, []), knows_who=sees_citizens) for _, row in shown]
    more = len(found) > wanted.limit
    return TicketList(items, encode_cursor(shown[-1][0], items[-1].created_at, items[-1].id) if more else None)


def _start(cursor: str | None) -> tuple[int, datetime | None, str | None]:
    """Rank to begin with, and the row after which."""
    if not cursor:
        return 0, None, None
    rank, created_at, ticket_id = decode_cursor(cursor, int, datetime, str)
    assert isinstance(rank, int)
    assert isinstance(created_at, datetime)
    return rank, created_at, str(ticket_id)


def _conditions(viewer: Viewer, wanted: TicketFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.scope is WorkScope.DEPARTMENT:
        conditions.append(Ticket.department_id.in_(_departments_of(viewer)))
    elif wanted.scope is WorkScope.GRAB:
        open_to_mine = select(GrabCandidate.ticket_id).where(GrabCandidate.department_id.in_(_departments_of(viewer)))
        conditions += [Ticket.holder_kind == HolderKind.GRAB_BOARD, Ticket.id.in_(open_to_mine)]
    elif wanted.scope is WorkScope.MINE or not viewer.is_supervisor:
        conditions += [Ticket.holder_kind == HolderKind.PERSON, Ticket.holder_person_id == viewer.person_id]
    elif wanted.scope is WorkScope.QUEUE:
        conditions.append(Ticket.holder_kind == HolderKind.SUPERVISOR_QUEUE)
    if wanted.statuses:
        conditions.append(Ticket.status.in_(wanted.statuses))
    if wanted.holder_person_id:
        conditions += [Ticket.holder_kind == HolderKind.PERSON, Ticket.holder_person_id == wanted.holder_person_id]
    if wanted.text:
        columns = (Ticket.text, Ticket.number, Ticket.caller)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return conditions


def _departments_of(viewer: Viewer) -> Select[str]:
    return select(DepartmentMember.department_id).where(DepartmentMember.person_id == viewer.person_id)


def ticket_rows() -> Select[*tuple[Any, ...]]:
    """The joins behind a TicketRow."""
    return (
        select(
            Ticket,
            Person.display_name.label("holder_name"),
            Seat.name.label("seat_name"),
            Department.name.label("department_name"),
            VoiceMessage.duration_ms.label("message_ms"),
        )
        .outerjoin(Person, Person.id == Ticket.holder_person_id)
        .outerjoin(Seat, Seat.id == Ticket.holder_seat_id)
        .outerjoin(Department, Department.id == Ticket.department_id)
        .outerjoin(VoiceMessage, VoiceMessage.id == Ticket.voice_message_id)
    )


def running_clocks(session: Session, ticket_ids: list[str]) -> dict[str, list[TicketClock]]:
    """Clocks that have not stopped, soonest first."""
    by_ticket: dict[str, list[TicketClock]] = {}
    if ticket_ids:
        query = select(TicketClock).where(TicketClock.ticket_id.in_(ticket_ids), TicketClock.stopped_at.is_(None))
        for clock in session.scalars(query.order_by(TicketClock.due_at)):
            by_ticket.setdefault(clock.ticket_id, []).append(clock)
    return by_ticket


def ticket_row(row: Any, clocks: list[TicketClock], *, knows_who: bool) -> TicketRow:
    """`row` is one of `ticket_rows()`, `clocks` its running ones. `knows_who`: also of confidential tickets."""
    ticket: Ticket = row.Ticket
    due = clocks[0] if clocks else None
    return TicketRow(
        id=ticket.id,
        number=ticket.number,
        status=ticket.status,
        caller=ticket.caller if knows_who or not ticket.is_confidential else "",
        text=ticket.text,
        text_source=ticket.text_source,
        round=ticket.round,
        holder=Holder(
            ticket.holder_kind,
            ticket.holder_person_id,
            row.holder_name,
            row.seat_name,
            ticket.holder_role,
            ticket.department_id,
            row.department_name,
        ),
        offer_no=ticket.offer_no,
        offer_expires_at=ticket.offer_expires_at,
        grab_until=ticket.grab_until,
        is_confidential=ticket.is_confidential,
        expedited=ticket.expedited,
        due_clock=due.kind if due else None,
        due_at=due.due_at if due else None,
        is_breached=any(clock.breached_at for clock in clocks),
        message_ms=row.message_ms,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
    )


def count_held(session: Session, person_ids: list[str]) -> dict[str, int]:
    """How many tickets each of these persons is working on now."""
    if not person_ids:
        return {}
    query = (
        select(Ticket.holder_person_id, func.count())
        .where(Ticket.holder_person_id.in_(person_ids), Ticket.status.in_(WORKING))
        .where(Ticket.holder_kind == HolderKind.PERSON)
        .group_by(Ticket.holder_person_id)
    )
    return {person_id: number for person_id, number in session.execute(query) if person_id}
