"""Tables of calls that want a person: seat_call, seat_call_offer, seat_wrap_up, seat_order."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime, enum_by_value
from ticketing.domain.assignment import MissReason, OfferOutcome, SeatRole
from ticketing.domain.seat_call import SeatCallStatus, WrapUpCode

_IS_UNTAKEN = text("taken_at IS NULL")
_IS_UNWRITTEN = text("written_at IS NULL")
_IS_LIVE = text("status IN ('waiting', 'offered', 'talking', 'wrap_up')")


class SeatCall(Base):
    """A call in the line of a desk. Its id is the call's; the call itself may reach the books later."""

    __tablename__ = "seat_call"
    __table_args__ = (
        Index("ix_seat_call_live", "desk_id", "placed_at", sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        Index("ix_seat_call_caller", "caller", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    caller: Mapped[str] = mapped_column(String(64))
    status: Mapped[SeatCallStatus] = mapped_column(enum_by_value(SeatCallStatus))
    telephony_id: Mapped[str] = mapped_column(String(64))
    """The process in which it lives."""
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Its place in the line; earlier than `joined_at` for who called again at once."""
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The last sign of life of its process."""
    offer_no: Mapped[int] = mapped_column(Integer, default=0)
    offer_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    seat_id: Mapped[str | None] = mapped_column(ForeignKey("seat.id"))
    talked_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    talked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    talk_state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """How the talk stands: held, muted, recorded, guests."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it left the line for good, or its last person had written it up."""


class SeatWrapUp(Base):
    """What one person writes of his part of a call: owed from the moment at which his part was over."""

    __tablename__ = "seat_wrap_up"
    __table_args__ = (
        Index("ix_seat_wrap_up_talked_until", "talked_until"),
        Index("ix_seat_wrap_up_owed", "person_id", sqlite_where=_IS_UNWRITTEN, postgresql_where=_IS_UNWRITTEN),
    )

    call_id: Mapped[str] = mapped_column(ForeignKey("seat_call.id"), primary_key=True)
    offer_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Of the offer that he accepted: who talks twice in a call owes twice."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    talked_from: Mapped[datetime] = mapped_column(UtcDateTime)
    talked_until: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[WrapUpCode | None] = mapped_column(enum_by_value(WrapUpCode))
    note: Mapped[str | None] = mapped_column(String(2000))
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SeatOrder(Base):
    """What a person, or his supervisor, wants of a talk. Its process takes it; rows stay, as the record of who did."""

    __tablename__ = "seat_order"
    __table_args__ = (
        Index("ix_seat_order_waiting", "call_id", sqlite_where=_IS_UNTAKEN, postgresql_where=_IS_UNTAKEN),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("seat_call.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(128), default="")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(64))
    """Why it came to nothing, in one word; None: it did not, or nobody knows."""


class SeatCallOffer(Base):
    """One ringing of one person's phone."""

    __tablename__ = "seat_call_offer"

    call_id: Mapped[str] = mapped_column(ForeignKey("seat_call.id"), primary_key=True)
    offer_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    seat_id: Mapped[str] = mapped_column(ForeignKey("seat.id"))
    role: Mapped[SeatRole] = mapped_column(enum_by_value(SeatRole))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[OfferOutcome] = mapped_column(enum_by_value(OfferOutcome))
    reason: Mapped[MissReason | None] = mapped_column(enum_by_value(MissReason))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
