"""Departments 承办部门: who handles, on which level, and who is above whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ticketing.domain.errors import BadDepartment, NobodyAbove


class Level(StrEnum):
    """Of administration, from the street upwards. A company stands beside them: gas, water, power."""

    COMMUNITY = "community"
    TOWN = "town"
    DISTRICT = "district"
    CITY = "city"
    COMPANY = "company"


LADDER = (Level.COMMUNITY, Level.TOWN, Level.DISTRICT, Level.CITY)
"""The way of an escalation."""


@dataclass(frozen=True, slots=True)
class DepartmentFacts:
    id: str
    code: str
    """The name by which catalogues and rules know it."""
    name: str
    level: Level
    parent_id: str | None
    duty_phone: str | None
    duty_contact: str | None
    takes_dispatch: bool
    """False: it exists in the directory, but nothing may be sent to it directly."""
    is_active: bool


def check_department(new: DepartmentFacts, known: Mapping[str, DepartmentFacts]) -> None:
    """Raises BadDepartment: above itself, below nothing known, or above somebody higher than it."""
    if new.parent_id is None:
        return
    parent = known.get(new.parent_id)
    if parent is None:
        raise BadDepartment("the department above is not known", reason="parent_unknown", code=new.code)
    if new.level in LADDER and (parent.level not in LADDER or LADDER.index(parent.level) <= LADDER.index(new.level)):
        raise BadDepartment("the department above must be of a higher level", reason="parent_level", code=new.code)
    above: DepartmentFacts | None = parent
    while above is not None:
        if above.id == new.id:
            raise BadDepartment("a department cannot be above itself", reason="circle", code=new.code)
        above = known.get(above.parent_id) if above.parent_id else None


def department_above(department: DepartmentFacts, known: Mapping[str, DepartmentFacts]) -> DepartmentFacts:
    """The nearest one above that takes work; raises NobodyAbove."""
    above = known.get(department.parent_id) if department.parent_id else None
    while above is not None and not (above.is_active and above.takes_dispatch):
        above = known.get(above.parent_id) if above.parent_id else None
    if above is None:
        raise NobodyAbove("no department above takes it", code=department.code)
    return above
