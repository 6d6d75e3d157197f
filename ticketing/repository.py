"""Tickets, their numbers, timeline and offers in the database. Reads give facts; every write is fenced."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, exists, func, select, update
from sqlalchemy.orm import Session

from kit.ids import new_id
from ticketing.domain.assignment import Asked, HolderKind, OfferOutcome, OfferTo
from ticketing.domain.errors import TicketMovedOn, TicketNotFound
from ticketing.domain.lifecycle import AWAITING_HOLDER, TicketAction, TicketStatus, TimelineFact
from ticketing.domain.ticket import TicketFacts
from ticketing.models import Offer, Ticket, TicketEvent, TicketNumber

_TICKET_COLUMNS = [getattr(Ticket, name) for name in TicketFacts.__dataclass_fields__]


# tickets


def ticket(session: Session, ticket_id: str, *, hold: bool = False) -> TicketFacts:
    """`hold`: nobody else writes to it until the commit. Raises TicketNotFound."""
    query = select(*_TICKET_COLUMNS).where(Ticket.id == ticket_id)
    row = session.execute(query.with_for_update(key_share=True) if hold else query).one_or_none()
    if row is None:
        raise TicketNotFound
    return TicketFacts(*row)


def ticket_id_of_message(session: Session, voice_message_id: str) -> str | None:
    return session.scalar(select(Ticket.id).where(Ticket.voice_message_id == voice_message_id))


def open_tickets_of(session: Session, caller: str, limit: int) -> list[TicketFacts]:
    """Not closed yet, newest first."""
    rows = session.execute(
        select(*_TICKET_COLUMNS)
        .where(Ticket.caller == caller, Ticket.status != TicketStatus.CLOSED)
        .order_by(Ticket.created_at.desc(), Ticket.number.desc())
        .limit(limit)
    )
    return [TicketFacts(*row) for row in rows]


def seat_of_open_ticket(session: Session, caller: str, *, besides: str) -> str | None:
    """The seat that holds the newest open ticket of this caller, the ticket `besides` apart."""
    return session.scalar(
        select(Ticket.holder_seat_id)
        .where(
            Ticket.caller == caller,
            Ticket.id != besides,
            Ticket.status != TicketStatus.CLOSED,
            Ticket.holder_seat_id.is_not(None),
        )
        .order_by(Ticket.created_at.desc())
        .limit(1)
    )


def unasked_in_queue(session: Session) -> list[TicketFacts]:
    """Tickets waiting with the supervisors that nobody was asked to take in this round, oldest first."""
    was_asked = exists().where(Offer.ticket_id == Ticket.id, Offer.round == Ticket.round)
    rows = session.execute(
        select(*_TICKET_COLUMNS)
        .where(
            Ticket.holder_kind == HolderKind.SUPERVISOR_QUEUE,
            Ticket.status.in_(AWAITING_HOLDER),
            ~was_asked,
        )
        .order_by(Ticket.created_at, Ticket.number)
    )
    return [TicketFacts(*row) for row in rows]


def change(session: Session, seen: TicketFacts, **values: Any) -> None:
    """Write to the ticket only if its status and offer are still those seen; else raises TicketMovedOn.

    Every writer starts with this: it also holds the row until the commit, so the timeline stays in order.
    """
    result = session.execute(
        update(Ticket)
        .where(Ticket.id == seen.id, Ticket.status == seen.status, Ticket.offer_no == seen.offer_no)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if _rows_of(result) != 1:
        raise TicketMovedOn


def grabbing_over(session: Session, now: datetime) -> list[str]:
    """Tickets that were open for grabbing until now and that nobody grabbed."""
    return list(session.scalars(select(Ticket.id).where(Ticket.grab_until <= now).order_by(Ticket.grab_until)))


# timeline


def last_move(session: Session, ticket_id: str) -> dict[str, Any]:
    """What happened last, for who came too late: action, by (a person's id or None), at."""
    row = session.execute(
        select(TicketEvent.action, TicketEvent.actor_person_id, TicketEvent.at)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.id.desc())
        .limit(1)
    ).one_or_none()
    return {} if row is None else {"last_action": row[0], "by_person_id": row[1], "at": row[2].isoformat()}


def accepted_by(session: Session, ticket_id: str) -> frozenset[str]:
    """Everybody who took the ticket on, in any round."""
    rows = session.scalars(
        select(TicketEvent.to_person_id).where(
            TicketEvent.ticket_id == ticket_id, TicketEvent.action.in_([TicketAction.ACCEPT, TicketAction.ASSIGN])
        )
    )
    return frozenset(person_id for person_id in rows if person_id is not None)


def corrections_noted(session: Session, ticket_id: str) -> int:
    """How many corrections of the text have reached the ticket."""
    query = select(func.count()).where(TicketEvent.ticket_id == ticket_id, TicketEvent.action == TimelineFact.CORRECTED)
    return session.scalar(query) or 0


# offers


def asked(session: Session, ticket_id: str, round_no: int) -> list[Asked]:
    rows = session.execute(
        select(Offer.person_id, Offer.seat_id)
        .where(Offer.ticket_id == ticket_id, Offer.round == round_no)
        .order_by(Offer.offer_no)
    )
    return [Asked(*row) for row in rows]


def add_offer(session: Session, ticket: TicketFacts, to: OfferTo, offer_no: int, at: datetime, until: datetime) -> None:
    session.add(
        Offer(
            id=new_id(),
            ticket_id=ticket.id,
            offer_no=offer_no,
            round=ticket.round,
            person_id=to.person_id,
            seat_id=to.seat_id,
            role=to.role,
            outcome=OfferOutcome.OPEN,
            offered_at=at,
            expires_at=until,
        )
    )
    session.flush()


def end_offer(session: Session, ticket: TicketFacts, outcome: OfferOutcome, at: datetime) -> bool:
    """End the ticket's open offer, if it has one."""
    result = session.execute(
        update(Offer)
        .where(Offer.ticket_id == ticket.id, Offer.offer_no == ticket.offer_no, Offer.outcome == OfferOutcome.OPEN)
        .values(outcome=outcome, ended_at=at)
        .execution_options(synchronize_session=False)
    )
    return _rows_of(result) == 1


def open_offers(session: Session) -> list[tuple[str, str, datetime]]:
    """Each ticket with an unanswered offer: its id, the person asked, and when the offer runs out."""
    rows = session.execute(
        select(Ticket.id, Ticket.holder_person_id, Ticket.offer_expires_at)
        .where(Ticket.offer_expires_at.is_not(None))
        .order_by(Ticket.offer_expires_at)
    )
    return [(row[0], row[1], row[2]) for row in rows if row[1] is not None and row[2] is not None]


# numbers


def reserved_number(session: Session, reserved_for: str) -> str | None:
    return session.scalar(select(TicketNumber.number).where(TicketNumber.reserved_for == reserved_for))


def last_serial(session: Session, day: str) -> int:
    return session.scalar(select(func.max(TicketNumber.serial)).where(TicketNumber.day == day)) or 0


def mark_number_used(session: Session, number: str) -> None:
    session.execute(
        update(TicketNumber)
        .where(TicketNumber.number == number)
        .values(is_used=True)
        .execution_options(synchronize_session=False)
    )


def _rows_of(result: Any) -> int:
    return cast("CursorResult[Any]", result).rowcount
