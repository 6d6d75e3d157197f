"""Signing in and out, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.api.access import ServicesDep, SessionDep, refuse_foreign_origin
from app.api.problems import refusals
from app.api.schemas import SessionView, SignInBody
from app.api.session_cookie import SESSION_COOKIE, drop_cookie, put_cookie
from app.bootstrap import Services
from app.views.administration import PersonView
from app.views.duty_board import presence_of
from people.service import PersonFacts
from ticketing.domain.duty_roster import PresenceState

router = APIRouter(prefix="/session", tags=["session"])

_OwnOrigin = Annotated[None, Depends(refuse_foreign_origin)]


@router.post("", responses=refusals(401, 403, 429))
def sign_in(
    body: SignInBody, request: Request, response: Response, services: ServicesDep, _own: _OwnOrigin
) -> SessionView:
    """Open a session: the cookie in the header, its CSRF token in the body."""
    address = request.client.host if request.client else ""
    opened = services.people.sign_in(body.login, body.password, address)
    max_age_s = int((opened.expires_at - services.clock.now()).total_seconds())
    put_cookie(response, opened.token, services.settings, max_age_s)
    _come_in(services, opened.person.id)
    return _session_view(services, opened.person, opened.csrf_token)


@router.get("", responses=refusals(401))
def current_session(facts: SessionDep, services: ServicesDep) -> SessionView:
    return _session_view(services, facts.person, facts.csrf_token)


@router.delete("", status_code=204, responses=refusals(401, 403))
def sign_out(request: Request, response: Response, facts: SessionDep, services: ServicesDep) -> None:
    """End this session; whoever leaves is offered no more work."""
    services.duty.set_presence(facts.person.id, PresenceState.OFFLINE)
    services.people.sign_out(request.cookies[SESSION_COOKIE])
    drop_cookie(response, services.settings)


def _come_in(services: Services, person_id: str) -> None:
    """Present but not yet available; whoever is at work on another screen stays so."""
    known = services.duty.presence(person_id)
    if known is None or known.state is PresenceState.OFFLINE:
        services.duty.set_presence(person_id, PresenceState.AWAY)


def _session_view(services: Services, person: PersonFacts, csrf_token: str) -> SessionView:
    with services.db.reading() as session:
        presence = presence_of(session, person.id)
    return SessionView(
        person=PersonView(person.id, person.login, person.display_name, person.role, person.is_active),
        csrf_token=csrf_token,
        presence=presence,
    )
