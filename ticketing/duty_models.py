"""Tables of duty: desk, seat, duty_shift, presence."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime, enum_by_value
from ticketing.domain.assignment import MissReason
from ticketing.domain.duty_roster import PresenceState


class Desk(Base):
    __tablename__ = "desk"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    is_intake: Mapped[bool] = mapped_column(Boolean, default=False)
    """New tickets go to the intake desk."""


class Seat(Base):
    """A post 岗, not a person."""

    __tablename__ = "seat"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"), index=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class DutyShift(Base):
    __tablename__ = "duty_shift"
    __table_args__ = (Index("ix_duty_shift_seat_id_starts_at", "seat_id", "starts_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seat_id: Mapped[str] = mapped_column(ForeignKey("seat.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None: until further notice."""
    a_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    b_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Presence(Base):
    """Whether a person can be given work now: the state he chose and the last sign of his console."""

    __tablename__ = "presence"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    state: Mapped[PresenceState] = mapped_column(enum_by_value(PresenceState))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    phone: Mapped[str | None] = mapped_column(String(128))
    """Where calls for him ring: `sip:…`, `browser:<person id>`, or a number of the PBX."""
    away_reason: Mapped[MissReason | None] = mapped_column(enum_by_value(MissReason))
    """Set with `away` when it was not his choice: a call that he refused, or did not answer."""
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When he last had a call: among those who are free, the longest idle is first."""
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When he last got or finished work: between equally loaded pairs the longest idle is first."""
