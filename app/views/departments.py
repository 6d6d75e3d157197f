"""The directory of departments as screens show it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.views.viewer import PersonRef
from people.models import Person
from ticketing.department_models import Department, DepartmentMember
from ticketing.domain.department import Level


@dataclass(frozen=True, slots=True)
class DepartmentView:
    id: str
    code: str
    name: str
    level: Level
    parent_id: str | None
    duty_phone: str | None
    duty_contact: str | None
    takes_dispatch: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    person: PersonRef
    since: datetime


def department_list(session: Session) -> list[DepartmentView]:
    columns = [getattr(Department, name) for name in DepartmentView.__dataclass_fields__]
    rows = session.execute(select(*columns).order_by(Department.name))
    return [DepartmentView(*row) for row in rows]


def member_list(session: Session, department_id: str) -> list[MemberView]:
    rows = session.execute(
        select(Person.id, Person.display_name, DepartmentMember.since)
        .join(Person, Person.id == DepartmentMember.person_id)
        .where(DepartmentMember.department_id == department_id)
        .order_by(Person.display_name)
    )
    return [MemberView(PersonRef(row[0], row[1]), row[2]) for row in rows]
