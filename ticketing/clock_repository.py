"""Clocks in the database: a cache of what the timelines say, and the index of what is to be looked at next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from kit.ids import new_id
from ticketing.domain.clocks import ClockFacts, Happened
from ticketing.domain.lifecycle import TicketStatus
from ticketing.models import Ticket, TicketClock, TicketEvent

_COLUMNS = [getattr(TicketClock, name) for name in ClockFacts.__dataclass_fields__]


def timelines(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[Happened]]:
    """What clocks need of the timelines of these tickets, each in order."""
    found: dict[str, list[Happened]] = {ticket_id: [] for ticket_id in ticket_ids}
    query = (
        select(TicketEvent.ticket_id, TicketEvent.at, TicketEvent.action, TicketEvent.details)
        .where(TicketEvent.ticket_id.in_(ticket_ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.id)
    )
    for ticket_id, at, action, details in session.execute(query):
        found[ticket_id].append(Happened(at, action, details))
    return found


def clocks(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[ClockFacts]]:
    """The rows of these tickets."""
    found: dict[str, list[ClockFacts]] = {ticket_id: [] for ticket_id in ticket_ids}
    query = select(TicketClock.ticket_id, *_COLUMNS).where(TicketClock.ticket_id.in_(ticket_ids))
    for row in session.execute(query):
        found[row[0]].append(ClockFacts(*row[1:]))
    return found


def keep(session: Session, ticket_id: str, computed: Sequence[ClockFacts], version: str) -> None:
    """Make the ticket's rows say what was computed by the rules of that version. The caller holds the ticket."""
    kept = {(clock.kind, clock.round): clock for clock in clocks(session, [ticket_id])[ticket_id]}
    for clock in computed:
        before = kept.pop((clock.kind, clock.round), None)
        values: dict[str, Any] = {name: getattr(clock, name) for name in ClockFacts.__dataclass_fields__}
        if before is None:
            session.add(TicketClock(id=new_id(), ticket_id=ticket_id, **values))
        elif before != clock:
            row = _row(ticket_id, clock.kind, clock.round)
            session.execute(update(TicketClock).where(*row).values(**values), execution_options=_PLAIN)
    for kind, round_no in kept:
        session.execute(delete(TicketClock).where(*_row(ticket_id, kind, round_no)), execution_options=_PLAIN)
    other = (Ticket.id == ticket_id, Ticket.clocks_version != version)
    session.execute(update(Ticket).where(*other).values(clocks_version=version), execution_options=_PLAIN)
    session.flush()


def to_look_at(session: Session, now: datetime, limit: int) -> list[str]:
    """Tickets with a clock past the instant at which something is to be noted of it, the longest past first."""
    query = select(TicketClock.ticket_id).where(TicketClock.look_at < now).order_by(TicketClock.look_at).limit(limit)
    return list(dict.fromkeys(session.scalars(query)))


def claim(session: Session, ticket_id: str, clock: ClockFacts) -> bool:
    """Whether it is ours to note what that clock is to be looked at for: only one can be the first."""
    row = (*_row(ticket_id, clock.kind, clock.round), TicketClock.look_at == clock.look_at)
    query = update(TicketClock).where(*row).values(look_at=None).returning(TicketClock.id)
    return session.scalar(query, execution_options=_PLAIN) is not None


def open_tickets_of_other_version(session: Session, version: str, limit: int) -> list[str]:
    """Open tickets whose clocks other rules made."""
    is_other = or_(Ticket.clocks_version < version, Ticket.clocks_version > version)  # two ranges of the index
    query = select(Ticket.id).where(is_other, Ticket.status != TicketStatus.CLOSED).limit(limit)
    return list(session.scalars(query))


def open_tickets_after(session: Session, ticket_id: str, limit: int) -> list[tuple[str, str]]:
    """Id and number of open tickets, by id."""
    query = (
        select(Ticket.id, Ticket.number)
        .where(Ticket.status != TicketStatus.CLOSED, Ticket.id > ticket_id)
        .order_by(Ticket.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def tickets_after(session: Session, ticket_id: str, limit: int) -> list[tuple[str, bool, str]]:
    """Id, whether it is open, and the version of its clocks; by id."""
    query = (
        select(Ticket.id, Ticket.status, Ticket.clocks_version)
        .where(Ticket.id > ticket_id)
        .order_by(Ticket.id)
        .limit(limit)
    )
    return [(row[0], row[1] is not TicketStatus.CLOSED, row[2]) for row in session.execute(query)]


_PLAIN = {"synchronize_session": False}


def _row(ticket_id: str, kind: str, round_no: int) -> tuple[Any, ...]:
    return TicketClock.ticket_id == ticket_id, TicketClock.kind == kind, TicketClock.round == round_no
