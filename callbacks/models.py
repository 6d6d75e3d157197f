"""Tables of calling back: callback_task, callback_attempt, rating."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from callbacks.domain.attempt import AttemptState as AttemptState
from callbacks.domain.disposition import Disposition
from callbacks.domain.lifecycle import CallbackKind, CallbackStatus
from callbacks.domain.rating import RatingSource as RatingSource
from kit.db import Base, UtcDateTime, enum_by_value


class CallbackTask(Base):
    __tablename__ = "callback_task"
    __table_args__ = (Index("ix_callback_task_status_due_at", "status", "due_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[CallbackKind] = mapped_column(enum_by_value(CallbackKind))
    status: Mapped[CallbackStatus] = mapped_column(enum_by_value(CallbackStatus))
    dedupe_key: Mapped[str] = mapped_column(String(128), unique=True)
    """One task per matter: `satisfaction-<ticket_id>-<round>`, `call-<call_id>`."""
    phone: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    ticket_number: Mapped[str | None] = mapped_column(String(32))
    round: Mapped[int | None] = mapped_column(Integer)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"))
    handler_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """Who handled the ticket: kept away from its rating."""
    owner_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    """None while with_person: the supervisor queue holds it."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempt_count: Mapped[int] = mapped_column(Integer, default=0)
    """Ended attempts that may have rung at the citizen's."""
    solved: Mapped[bool | None] = mapped_column(Boolean)
    satisfaction: Mapped[int | None] = mapped_column(Integer)
    """Answers kept from calls that were broken off; the next call asks only what is missing."""
    note: Mapped[str | None] = mapped_column(Text)
    finished_by_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_IS_LIVE = text("state <> 'ended'")


class CallbackAttempt(Base):
    """One try to call. The database itself refuses a second live one of a task."""

    __tablename__ = "callback_attempt"
    __table_args__ = (
        UniqueConstraint("task_id", "number"),
        Index("uq_callback_attempt_one_live", "task_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("callback_task.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[AttemptState] = mapped_column(enum_by_value(AttemptState), index=True)
    telephony_id: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[str] = mapped_column(String(32), unique=True)
    """Chosen at the claim, so that even an interrupted call can be found."""
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dialled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disposition: Mapped[Disposition | None] = mapped_column(enum_by_value(Disposition))
    cause: Mapped[str | None] = mapped_column(String(64))
    solved: Mapped[bool | None] = mapped_column(Boolean)
    satisfaction: Mapped[int | None] = mapped_column(Integer)
    """What was answered in this very call, kept also when the report came too late to matter."""
    digits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    voice_answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    """Spoken answers as they were heard, counted or not: phrase, confidence, times, what became of it."""


class Rating(Base):
    """满意度评价. Append-only."""

    __tablename__ = "rating"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("callback_task.id"), unique=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    round: Mapped[int] = mapped_column(Integer)
    solved: Mapped[bool] = mapped_column(Boolean)
    satisfaction: Mapped[int | None] = mapped_column(Integer)
    """1 very satisfied … 5 very dissatisfied; None: hung up after a 'not solved'."""
    source: Mapped[RatingSource] = mapped_column(enum_by_value(RatingSource))
    digits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    voice_answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("callback_attempt.id"))
    recorded_by_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
