"""The duty board: who is A and who is B on every seat now, and whether they are there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.views.work_list import count_held
from people.models import Person
from ticketing.domain.assignment import MissReason
from ticketing.domain.duty_roster import PresenceState
from ticketing.duty_models import Desk, DutyShift, Presence, Seat


@dataclass(frozen=True, slots=True)
class PersonOnDuty:
    """`state` is the chosen one; `seen_at` the last sign of his console (None: never)."""

    person_id: str
    display_name: str
    state: PresenceState
    seen_at: datetime | None
    open_tickets: int


@dataclass(frozen=True, slots=True)
class SeatOnDuty:
    """Without A and B: nobody covers the seat now."""

    id: str
    name: str
    shift_id: str | None
    shift_ends_at: datetime | None
    a: PersonOnDuty | None
    b: PersonOnDuty | None


@dataclass(frozen=True, slots=True)
class DeskOnDuty:
    id: str
    name: str
    is_intake: bool
    seats: list[SeatOnDuty]


@dataclass(frozen=True, slots=True)
class UncoveredSpan:
    """[from_at, to_at) in which nobody would take this desk's work."""

    desk_id: str
    desk_name: str
    from_at: datetime
    to_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class DutyBoard:
    """`uncovered` looks ahead for supervisors; None for everybody else."""

    at: datetime
    desks: list[DeskOnDuty]
    uncovered: list[UncoveredSpan] | None


@dataclass(frozen=True, slots=True)
class PresenceView:
    """`away_reason`: why he was set away, when it was not his choice. `phone`: where calls for him ring."""

    state: PresenceState
    since: datetime | None
    seen_at: datetime | None
    away_reason: MissReason | None
    phone: str | None


def presence_of(session: Session, person_id: str) -> PresenceView:
    row = session.get(Presence, person_id)
    if row is None:
        return PresenceView(PresenceState.OFFLINE, None, None, None, None)
    return PresenceView(row.state, row.since, row.seen_at, row.away_reason, row.phone)


def duty_board(session: Session, now: datetime, uncovered: list[UncoveredSpan] | None) -> DutyBoard:
    """Desks and seats in their fixed order, with the shift that covers `now`."""
    desks = session.scalars(select(Desk).order_by(Desk.is_intake.desc(), Desk.name)).all()
    seats = session.scalars(select(Seat).order_by(Seat.position, Seat.name)).all()
    running = select(DutyShift).where(
        DutyShift.starts_at <= now, or_(DutyShift.ends_at.is_(None), DutyShift.ends_at > now)
    )
    shifts = {shift.seat_id: shift for shift in session.scalars(running.order_by(DutyShift.starts_at))}
    people = _people(session, {each for shift in shifts.values() for each in (shift.a_person_id, shift.b_person_id)})
    return DutyBoard(
        at=now,
        desks=[
            DeskOnDuty(
                desk.id,
                desk.name,
                desk.is_intake,
                [_seat(seat, shifts.get(seat.id), people) for seat in seats if seat.desk_id == desk.id],
            )
            for desk in desks
        ],
        uncovered=uncovered,
    )


def _people(session: Session, person_ids: set[str]) -> dict[str, PersonOnDuty]:
    held = count_held(session, sorted(person_ids))
    query = (
        select(Person, Presence.state, Presence.seen_at)
        .outerjoin(Presence, Presence.person_id == Person.id)
        .where(Person.id.in_(person_ids))
    )
    return {
        person.id: PersonOnDuty(
            person_id=person.id,
            display_name=person.display_name,
            state=state or PresenceState.OFFLINE,
            seen_at=seen_at,
            open_tickets=held.get(person.id, 0),
        )
        for person, state, seen_at in session.execute(query)
    }


def _seat(seat: Seat, shift: DutyShift | None, people: dict[str, PersonOnDuty]) -> SeatOnDuty:
    if shift is None:
        return SeatOnDuty(seat.id, seat.name, None, None, None, None)
    a, b = people.get(shift.a_person_id), people.get(shift.b_person_id)
    return SeatOnDuty(seat.id, seat.name, shift.id, shift.ends_at, a, b)
