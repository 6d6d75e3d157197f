"""What must hold of every ticket at any time, read from the tables themselves."""

from collections import Counter

from sqlalchemy import select

from kit.db import Database
from ticketing.domain.assignment import HolderKind, OfferOutcome
from ticketing.domain.lifecycle import ABROAD, AWAITING_HOLDER, SET_ASIDE, TicketAction, TicketStatus, next_status
from ticketing.models import Offer, Ticket, TicketEvent

CHANGES_HOLDER = {
    *("offered", "queued", "assign", "reopen", "dispatch", "open_grabbing", "grab", "end_grabbing"),
    *("transfer", "escalate", "approve_return"),
}


def check_ticket(db: Database, ticket_id: str) -> None:
    """One holder, at most one open offer (his), nobody asked twice in a round, and a timeline without holes."""
    with db.reading() as session:
        ticket = session.get_one(Ticket, ticket_id)
        offers = list(session.scalars(select(Offer).where(Offer.ticket_id == ticket_id).order_by(Offer.offer_no)))
        rows = list(
            session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id))
        )
    _check_holder(ticket)
    _check_offers(ticket, offers)
    _check_timeline(ticket, rows)
    changes = sum(row.action in CHANGES_HOLDER for row in rows)
    assert ticket.offer_no == changes, "every change of holder counts and has its row"


def _check_holder(ticket: Ticket) -> None:
    assert (ticket.holder_kind is HolderKind.PERSON) == (ticket.holder_person_id is not None)
    assert (ticket.holder_kind is HolderKind.DEPARTMENT) == (ticket.department_id is not None)
    assert (ticket.holder_kind is HolderKind.GRAB_BOARD) == (ticket.status is TicketStatus.GRABBING)
    assert (ticket.set_aside_from is not None) == (ticket.status in SET_ASIDE)
    if ticket.status in ABROAD | {TicketStatus.SUSPENDED}:
        assert ticket.holder_kind is HolderKind.DEPARTMENT
    if ticket.offer_expires_at is not None:
        assert ticket.holder_kind is HolderKind.PERSON
        assert ticket.status in AWAITING_HOLDER
    if ticket.status in AWAITING_HOLDER and ticket.holder_kind is HolderKind.PERSON:
        assert ticket.offer_expires_at is not None, "a holder who has not accepted must run out of time"
    if ticket.status not in AWAITING_HOLDER:
        assert ticket.holder_kind is not HolderKind.SUPERVISOR_QUEUE, "work that was taken on has its owner"


def _check_offers(ticket: Ticket, offers: list[Offer]) -> None:
    still_open = [offer for offer in offers if offer.outcome is OfferOutcome.OPEN]
    if ticket.offer_expires_at is None:
        assert still_open == []
    else:
        (offer,) = still_open
        assert (offer.offer_no, offer.round, offer.person_id, offer.expires_at) == (
            ticket.offer_no,
            ticket.round,
            ticket.holder_person_id,
            ticket.offer_expires_at,
        )
    accepted = Counter(offer.round for offer in offers if offer.outcome is OfferOutcome.ACCEPTED)
    assert all(count == 1 for count in accepted.values())
    asked = Counter((offer.round, offer.person_id) for offer in offers)
    assert all(count == 1 for count in asked.values())
    assert all((offer.ended_at is None) == (offer.outcome is OfferOutcome.OPEN) for offer in offers)


def _check_timeline(ticket: Ticket, rows: list[TicketEvent]) -> None:
    assert rows[0].action == "created"
    assert rows[0].from_status is None
    status, holder, set_aside_from = rows[0].to_status, (rows[0].to_person_id, rows[0].to_department_id), None
    for row in rows[1:]:
        before = (row.from_person_id, row.from_department_id)
        assert (row.from_status, before) == (status, holder), "each row begins where the last one ended"
        if row.action in set(TicketAction):
            assert row.to_status is next_status(status, TicketAction(row.action), set_aside_from)
        else:
            assert row.to_status is status
        if row.to_status in SET_ASIDE and status not in SET_ASIDE:
            set_aside_from = status
        status, holder = row.to_status, (row.to_person_id, row.to_department_id)
    assert (status, holder) == (ticket.status, (ticket.holder_person_id, ticket.department_id))
