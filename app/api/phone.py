"""The way to the browser line: a token and an address for a citizen's call, and for the phone of a signed-in person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.api.access import ServicesDep, SessionDep, refuse_foreign_origin
from app.api.phone_address import phone_address
from app.api.problems import refusals
from app.api.schemas import PhoneEntry
from app.phone_tokens import PhoneTokens
from app.web_call_gate import WebCallGate
from kit.errors import Forbidden

router = APIRouter(tags=["phone"])

_LONGEST_ORIGIN = 256


class WebCallsClosed(Forbidden):
    """The hotline takes no calls from web pages."""

    code = "web_call.closed"


_OwnOrigin = Annotated[None, Depends(refuse_foreign_origin)]


@router.post("/web-calls", responses=refusals(403, 429))
def begin_web_call(request: Request, services: ServicesDep, _own: _OwnOrigin) -> PhoneEntry:
    """For anybody: one call from this page. The token is good once, within a minute."""
    if services.settings.browser_calls == 0:
        raise WebCallsClosed
    address = _address_of(request)
    gate: WebCallGate = request.app.state.call_gate
    gate.pass_through(address)
    tokens = PhoneTokens(services.settings, services.clock)
    return _entry(request, services, tokens.for_citizen(origin=_origin_of(request), address=address))


@router.post("/me/phone-token", responses=refusals(401, 403))
def become_a_phone(request: Request, facts: SessionDep, services: ServicesDep) -> PhoneEntry:
    """This browser becomes the phone of the signed-in person; another one of his stops being it."""
    tokens = PhoneTokens(services.settings, services.clock)
    token = tokens.for_seat(facts.person.id, origin=_origin_of(request), address=_address_of(request))
    return _entry(request, services, token)


def _entry(request: Request, services: ServicesDep, token: str) -> PhoneEntry:
    return PhoneEntry(token=token, address=phone_address(request, services.settings))


def _origin_of(request: Request) -> str:
    return request.headers.get("origin", "")[:_LONGEST_ORIGIN]


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""
