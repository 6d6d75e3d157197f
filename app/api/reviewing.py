"""A person's word on what the machine heard: corrections of the text, decisions on slots."""

from fastapi import APIRouter

from app.api.access import ServicesDep, ViewerDep
from app.api.problems import refusals
from app.api.schemas import CorrectionBody, DecisionBody, PathId
from app.api.ticket_answers import actor_of, page_of, said_in
from app.clock_rules import category_keys
from app.views.ticket_page import TicketPage
from asr.domain.slots.slot import SlotKind
from ticketing.domain.clocks import CATEGORY_SLOTS
from ticketing.domain.lifecycle import TicketAction

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.post("/{ticket_id}/correction", responses=refusals(401, 403, 404, 409, 422))
def correct_text(ticket_id: PathId, body: CorrectionBody, viewer: ViewerDep, services: ServicesDep) -> TicketPage:
    """What was really said, by somebody who has opened the original; 409 when another correction came between."""
    audio = said_in(services, viewer, ticket_id)
    services.tickets.check(ticket_id, TicketAction.CORRECT, actor_of(viewer))
    services.reviews.correct(audio.recording_id, viewer.person_id, body.text, body.base)
    return page_of(services, viewer, ticket_id)


@router.post("/{ticket_id}/slots/{kind}", responses=refusals(401, 403, 404, 409, 422))
def decide_slot(
    ticket_id: PathId, kind: SlotKind, body: DecisionBody, viewer: ViewerDep, services: ServicesDep
) -> TicketPage:
    """Confirm what the machine found, or set another value.

    Of all decisions only that of a known category is told in the timeline: limits may depend on it.
    """
    audio = said_in(services, viewer, ticket_id)
    actor = actor_of(viewer)
    services.tickets.check(ticket_id, TicketAction.DECIDE_SLOT, actor)
    if body.label is None:
        value = services.reviews.confirm_slot(audio.recording_id, viewer.person_id, kind, body.choice)
    else:
        value = body.value or body.label
        services.reviews.set_slot(audio.recording_id, viewer.person_id, kind, value, body.label)
    details = {"value": value} if kind in CATEGORY_SLOTS and value in category_keys(services.rule_book.rules()) else {}
    services.tickets.record(ticket_id, TicketAction.DECIDE_SLOT, actor, slot=kind.value, **details)
    return page_of(services, viewer, ticket_id)
