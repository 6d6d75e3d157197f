"""Tables of departments: department, department_member."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime, enum_by_value
from ticketing.domain.department import Level


class Department(Base):
    """One that was closed stays: tickets, and the past, point to it."""

    __tablename__ = "department"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    """The name by which catalogues and rules know it."""
    name: Mapped[str] = mapped_column(String(64), unique=True)
    level: Mapped[Level] = mapped_column(enum_by_value(Level))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"), index=True)
    duty_phone: Mapped[str | None] = mapped_column(String(64))
    duty_contact: Mapped[str | None] = mapped_column(String(64))
    takes_dispatch: Mapped[bool] = mapped_column(Boolean, default=True)
    """False: nothing may be sent to it directly."""
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class DepartmentMember(Base):
    """Somebody who handles for a department."""

    __tablename__ = "department_member"

    department_id: Mapped[str] = mapped_column(ForeignKey("department.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
