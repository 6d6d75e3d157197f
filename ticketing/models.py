"""Tables of tickets: ticket, ticket_event, ticket_clock, offer, ticket_number."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime, enum_by_value
from ticketing.domain.assignment import HolderKind, OfferOutcome, SeatRole
from ticketing.domain.lifecycle import TicketStatus
from ticketing.domain.ticket import Expedite
from ticketing.domain.ticket import TextSource as TextSource

_AWAITS_TEXT = text("text_source = 'pending_transcript'")
_IS_NOT_CLOSED = text("status <> 'closed'")


class Ticket(Base):
    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("(holder_kind = 'person') = (holder_person_id IS NOT NULL)", name="one_holder"),
        CheckConstraint("(holder_kind = 'department') = (department_id IS NOT NULL)", name="one_department"),
        CheckConstraint("(holder_kind = 'grab_board') = (grab_until IS NOT NULL)", name="grabbing_ends"),
        Index("ix_ticket_department", "department_id", "status"),
        Index("ix_ticket_holder", "holder_kind", "holder_person_id", "status"),
        Index("ix_ticket_caller", "caller"),
        Index("ix_ticket_status", "status"),
        Index(
            "ix_ticket_clocks_version", "clocks_version", sqlite_where=_IS_NOT_CLOSED, postgresql_where=_IS_NOT_CLOSED
        ),
        Index("ix_ticket_awaits_text", "created_at", sqlite_where=_AWAITS_TEXT, postgresql_where=_AWAITS_TEXT),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    status: Mapped[TicketStatus] = mapped_column(enum_by_value(TicketStatus))
    voice_message_id: Mapped[str | None] = mapped_column(ForeignKey("voice_message.id"), unique=True)
    caller: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    text_source: Mapped[TextSource] = mapped_column(enum_by_value(TextSource))
    resolution: Mapped[str | None] = mapped_column(Text)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    round: Mapped[int] = mapped_column(Integer, default=1)
    """Counts handlings from 1; a reopening adds one."""

    holder_kind: Mapped[HolderKind] = mapped_column(enum_by_value(HolderKind))
    holder_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    holder_seat_id: Mapped[str | None] = mapped_column(ForeignKey("seat.id"))
    holder_role: Mapped[SeatRole | None] = mapped_column(enum_by_value(SeatRole))
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    offer_no: Mapped[int] = mapped_column(Integer, default=0)
    """The fence of the assignment: every change of holder adds one, and every write names the one it saw."""
    offer_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Set only while the holder has not accepted yet."""
    grab_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Set only while it is open for grabbing."""
    set_aside_from: Mapped[TicketStatus | None] = mapped_column(enum_by_value(TicketStatus))
    """What it goes back to, while it is suspended or asked to be returned."""
    dispatched_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    return_confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """The first of the two who agree to a return."""
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """Who answered last: he can have no part in the revisit."""
    must_confirm: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_confidential: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    expedited: Mapped[Expedite | None] = mapped_column(enum_by_value(Expedite))

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clocks_version: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Of the rules by which its clocks were computed."""


class TicketEvent(Base):
    """One row of the timeline 流转记录. Append-only; its ids are also the cursor of the console's feed."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index("ix_ticket_event_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(32))
    """A TicketAction or a TimelineFact."""
    from_status: Mapped[TicketStatus | None] = mapped_column(enum_by_value(TicketStatus))
    to_status: Mapped[TicketStatus] = mapped_column(enum_by_value(TicketStatus))
    actor_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """None: the system or the citizen did it."""
    from_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """Holder before and after (None: the supervisor queue); a ticket's rows form a chain of them.
    These two persons (and supervisors) are told, nobody else."""
    from_department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    to_department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    """The same for departments: their people are told."""
    note: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class GrabCandidate(Base):
    """A department that may grab the ticket; the first by `position` gets it when nobody did."""

    __tablename__ = "grab_candidate"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    department_id: Mapped[str] = mapped_column(ForeignKey("department.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer)


_IS_OPEN = text("outcome = 'open'")
_IS_ACCEPTED = text("outcome = 'accepted'")
_IS_TO_LOOK_AT = text("look_at IS NOT NULL")


class Offer(Base):
    """Who was asked to take the ticket, in which role, and how that ended.

    The database itself refuses a second open offer of a ticket and a second accepted one of a round.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("ticket_id", "offer_no"),
        Index("uq_offer_one_open", "ticket_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index(
            "uq_offer_one_accepted",
            "ticket_id",
            "round",
            unique=True,
            sqlite_where=_IS_ACCEPTED,
            postgresql_where=_IS_ACCEPTED,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    offer_no: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    seat_id: Mapped[str] = mapped_column(ForeignKey("seat.id"))
    role: Mapped[SeatRole] = mapped_column(enum_by_value(SeatRole))
    outcome: Mapped[OfferOutcome] = mapped_column(enum_by_value(OfferOutcome))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TicketClock(Base):
    """A cache: `ticketing.domain.clocks.clocks_of` computes it anew from the ticket's timeline at any time."""

    __tablename__ = "ticket_clock"
    __table_args__ = (
        UniqueConstraint("ticket_id", "kind", "round"),
        Index("ix_ticket_clock_look_at", "look_at", sqlite_where=_IS_TO_LOOK_AT, postgresql_where=_IS_TO_LOOK_AT),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    round: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_s: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    breached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """`due_at`, once it has passed with the clock running: when it was noticed does not count."""
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """After this instant there is something to note of it."""


class TicketNumber(Base):
    """Numbers given out, each to one call: asking twice gives the same."""

    __tablename__ = "ticket_number"
    __table_args__ = (UniqueConstraint("day", "serial"),)

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[str] = mapped_column(String(8))
    serial: Mapped[int] = mapped_column(Integer)
    reserved_for: Mapped[str] = mapped_column(String(64), unique=True)
    """The id of the call (or other source) it was given to."""
    is_used: Mapped[bool] = mapped_column(Boolean, default=False)
