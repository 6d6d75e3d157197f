"""The lists behind administration: people, desks, seats and shifts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from app.views.viewer import PersonRef
from people.domain.errors import PersonNotFound
from people.domain.role import Role
from people.models import Person
from ticketing.duty_models import Desk, DutyShift, Seat

_MOST = 1000


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as administrators and supervisors see him."""

    id: str
    login: str
    display_name: str
    role: Role
    is_active: bool


@dataclass(frozen=True, slots=True)
class DeskView:
    """New tickets go to the intake desk."""

    id: str
    name: str
    is_intake: bool


@dataclass(frozen=True, slots=True)
class SeatView:
    id: str
    desk_id: str
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class ShiftView:
    """[starts_at, ends_at); without an end: until further notice."""

    id: str
    seat_id: str
    seat_name: str
    starts_at: datetime
    ends_at: datetime | None
    a: PersonRef
    b: PersonRef


def people_list(session: Session) -> list[PersonView]:
    query = select(Person).order_by(Person.is_active.desc(), Person.display_name).limit(_MOST)
    return [person_view(row) for row in session.scalars(query)]


def must_be_active(session: Session, *person_ids: str) -> None:
    """Work is given only to people who can do it; raises PersonNotFound."""
    for person_id in person_ids:
        person = session.get(Person, person_id)
        if person is None or not person.is_active:
            raise PersonNotFound("there is no such active person", person_id=person_id)


def person_view(row: Person) -> PersonView:
    return PersonView(row.id, row.login, row.display_name, row.role, row.is_active)


def desk_list(session: Session) -> list[DeskView]:
    query = select(Desk).order_by(Desk.is_intake.desc(), Desk.name).limit(_MOST)
    return [DeskView(row.id, row.name, row.is_intake) for row in session.scalars(query)]


def seat_list(session: Session) -> list[SeatView]:
    query = select(Seat).order_by(Seat.desk_id, Seat.position, Seat.name).limit(_MOST)
    return [SeatView(row.id, row.desk_id, row.name, row.position) for row in session.scalars(query)]


def shift_list(session: Session, from_at: datetime, to_at: datetime) -> list[ShiftView]:
    """Shifts that touch [from_at, to_at), in order of their start."""
    a, b = aliased(Person), aliased(Person)
    query = (
        select(DutyShift, Seat.name, a.display_name, b.display_name)
        .join(Seat, Seat.id == DutyShift.seat_id)
        .join(a, a.id == DutyShift.a_person_id)
        .join(b, b.id == DutyShift.b_person_id)
        .where(DutyShift.starts_at < to_at, or_(DutyShift.ends_at.is_(None), DutyShift.ends_at > from_at))
        .order_by(DutyShift.starts_at, Seat.position)
        .limit(_MOST)
    )
    return [
        ShiftView(
            id=shift.id,
            seat_id=shift.seat_id,
            seat_name=seat_name,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            a=PersonRef(shift.a_person_id, a_name),
            b=PersonRef(shift.b_person_id, b_name),
        )
        for shift, seat_name, a_name, b_name in session.execute(query)
    ]
