"""Tickets: my list, the ticket page, and what its holder or a supervisor does with it."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.access import RoleMissing, ServicesDep, SupervisorDep, ViewerDep
from app.api.problems import refusals
from app.api.schemas import (
    AcceptBody,
    AssignBody,
    Cursor,
    Id,
    Limit,
    MoveBody,
    NoteBody,
    PathId,
    QueryText,
    ResolveBody,
)
from app.api.ticket_answers import actor_of, page_of
from app.views.administration import must_be_active
from app.views.ticket_page import TicketPage
from app.views.work_list import TicketFilter, TicketList, WorkScope, ticket_list
from ticketing.domain.lifecycle import TicketAction, TicketStatus

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.get("", responses=refusals(401, 403, 422))
def list_tickets(
    viewer: ViewerDep,
    services: ServicesDep,
    scope: WorkScope = WorkScope.MINE,
    status: Annotated[list[TicketStatus] | None, Query()] = None,
    holder: Annotated[Id | None, Query()] = None,
    text: QueryText = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TicketList:
    """Open ones first, then the newest. `queue` and `all` are for supervisors."""
    if scope in (WorkScope.QUEUE, WorkScope.ALL) and not viewer.is_supervisor:
        raise RoleMissing
    wanted = TicketFilter(scope, tuple(status or ()), holder, text or None, cursor, limit)
    with services.db.reading() as session:
        return ticket_list(session, viewer, wanted)


@router.get("/{ticket_id}", responses=refusals(401, 404))
def get_ticket(ticket_id: PathId, viewer: ViewerDep, services: ServicesDep) -> TicketPage:
    """Somebody else's ticket is not found."""
    return page_of(services, viewer, ticket_id)


@router.post("/{ticket_id}/accept", responses=refusals(401, 403, 404, 409, 422))
def accept_ticket(ticket_id: PathId, body: AcceptBody, viewer: ViewerDep, services: ServicesDep) -> TicketPage:
    """Take the ticket that is offered to me; 409 when the offer has moved on."""
    services.tickets.act(ticket_id, TicketAction.ACCEPT, actor_of(viewer), offer_no=body.offer_no)
    return page_of(services, viewer, ticket_id)


@router.post("/{ticket_id}/note", responses=refusals(401, 403, 404, 409, 422))
def add_note(ticket_id: PathId, body: NoteBody, viewer: ViewerDep, services: ServicesDep) -> TicketPage:
    services.tickets.act(ticket_id, TicketAction.NOTE, actor_of(viewer), body.text)
    return page_of(services, viewer, ticket_id)


@router.post("/{ticket_id}/resolve", responses=refusals(401, 403, 404, 409, 422))
def resolve_ticket(ticket_id: PathId, body: ResolveBody, viewer: ViewerDep, services: ServicesDep) -> TicketPage:
    """Handled: `resolution` is what the citizen is told; he is called back and asked."""
    services.tickets.act(ticket_id, TicketAction.RESOLVE, actor_of(viewer), body.resolution)
    return page_of(services, viewer, ticket_id)


@router.post("/{ticket_id}/moves", responses=refusals(401, 403, 404, 409, 422))
def move_ticket(ticket_id: PathId, body: MoveBody, viewer: ViewerDep, services: ServicesDep) -> TicketPage:
    """Confirm, send on, open for grabbing, grab, sign, give back, suspend, press …: one of the ticket's
    `allowed_actions`. 409 tells who did what last."""
    services.tickets.act(
        ticket_id,
        body.action,
        actor_of(viewer),
        body.text,
        body.seen_offer_no,
        department_ids=tuple(body.department_ids),
        cause=body.cause,
        level=body.level,
    )
    return page_of(services, viewer, ticket_id)


@router.post("/{ticket_id}/assign", responses=refusals(401, 403, 404, 409, 422))
def assign_ticket(ticket_id: PathId, body: AssignBody, viewer: SupervisorDep, services: ServicesDep) -> TicketPage:
    """Give it to a person: out of the supervisor queue, or from whoever holds it."""
    with services.db.reading() as session:
        must_be_active(session, body.person_id)
    services.tickets.assign(ticket_id, body.person_id, actor_of(viewer))
    return page_of(services, viewer, ticket_id)
