"""Desks, seats, shifts, presence and workloads in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from kit.db import Transaction
from ticketing.domain.assignment import HolderKind, Ladder, Workload, by_fairness, hindrance
from ticketing.domain.duty_roster import DutyPair, PresenceFacts, Shift, on_duty
from ticketing.domain.errors import NoIntakeDesk
from ticketing.domain.lifecycle import ON_SEAT
from ticketing.domain.policy import TicketPolicy
from ticketing.duty_models import Desk, DutyShift, Presence, Seat
from ticketing.models import Ticket


def intake_desk_id(session: Session) -> str:
    """The desk that takes new tickets (with several, the first by name); raises NoIntakeDesk."""
    desk_id = session.scalar(select(Desk.id).where(Desk.is_intake).order_by(Desk.name).limit(1))
    if desk_id is None:
        raise NoIntakeDesk
    return desk_id


def take_turns_at_desk(tx: Transaction, desk_id: str) -> None:
    """Until the commit nobody else assigns at this desk, so that two tickets do not both take a last free place.

    Taken before any ticket is written: everybody waits for the desk first, then for tickets.
    """
    tx.take_turns(f"ticketing.desk.{desk_id}")


def shifts_of_desk(session: Session, desk_id: str, starts_at: datetime, ends_at: datetime) -> list[Shift]:
    """Shifts that touch [starts_at, ends_at], by seat position, then start."""
    rows = session.scalars(
        select(DutyShift)
        .join(Seat, Seat.id == DutyShift.seat_id)
        .where(
            Seat.desk_id == desk_id,
            DutyShift.starts_at <= ends_at,
            or_(DutyShift.ends_at.is_(None), DutyShift.ends_at > starts_at),
        )
        .order_by(Seat.position, Seat.name, DutyShift.starts_at)
    )
    return [shift_facts(row) for row in rows]


def shifts_of_seat(session: Session, seat_id: str) -> list[Shift]:
    rows = session.scalars(select(DutyShift).where(DutyShift.seat_id == seat_id).order_by(DutyShift.starts_at))
    return [shift_facts(row) for row in rows]


def pairs_on_duty(session: Session, desk_id: str, at: datetime) -> list[DutyPair]:
    return on_duty(shifts_of_desk(session, desk_id, at, at), at)


def ladder(session: Session, desk_id: str, policy: TicketPolicy, now: datetime) -> Ladder:
    """The desk's pairs on duty in order of fairness, and who of them can be asked."""
    pairs = pairs_on_duty(session, desk_id, now)
    people = {person for pair in pairs for person in (pair.a_person_id, pair.b_person_id)}
    present = presences(session, people)
    workloads = _workloads(session, present, people)
    hindrances = {
        person: hindrance(
            present.get(person),
            workloads[person],
            capacity=policy.capacity,
            grace_s=policy.presence_grace_s,
            now=now,
        )
        for person in people
    }
    return Ladder(by_fairness(pairs, workloads), hindrances)


def presence(session: Session, person_id: str) -> PresenceFacts | None:
    row = session.scalar(select(Presence).where(Presence.person_id == person_id))
    return None if row is None else presence_facts(row)


def presences(session: Session, people: Collection[str]) -> dict[str, PresenceFacts]:
    rows = session.scalars(select(Presence).where(Presence.person_id.in_(people)))
    return {row.person_id: presence_facts(row) for row in rows}


def update_presence(session: Session, person_id: str, **values: Any) -> bool:
    """Whether there was a row to write to."""
    result = session.execute(
        update(Presence)
        .where(Presence.person_id == person_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def note_work(session: Session, person_id: str, at: datetime) -> None:
    """The person got or finished work: he is not idle since before."""
    update_presence(session, person_id, worked_at=at)


def presence_facts(row: Presence) -> PresenceFacts:
    return PresenceFacts(row.person_id, row.state, row.since, row.seen_at, row.worked_at, row.away_reason, row.phone)


def shift_facts(row: DutyShift) -> Shift:
    return Shift(row.id, row.seat_id, row.starts_at, row.ends_at, row.a_person_id, row.b_person_id)


def _workloads(
    session: Session, presences: Mapping[str, PresenceFacts], people: Collection[str]
) -> dict[str, Workload]:
    counted = session.execute(
        select(Ticket.holder_person_id, func.count())
        .where(
            Ticket.holder_kind == HolderKind.PERSON,
            Ticket.holder_person_id.in_(people),
            Ticket.status.in_(ON_SEAT),
        )
        .group_by(Ticket.holder_person_id)
    )
    counts = {row[0]: row[1] for row in counted}
    return {
        person: Workload(counts.get(person, 0), presences[person].worked_at if person in presences else None)
        for person in people
    }
