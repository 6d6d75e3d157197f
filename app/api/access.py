"""Who is asking and what he may: session cookie, CSRF token, Origin, role. Every route but health and sign-in."""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.api.session_cookie import SESSION_COOKIE
from app.bootstrap import Services
from app.views.viewer import Viewer
from kit.errors import Forbidden, HotlineError
from people.service import SessionFacts

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(HotlineError):
    code = "session.missing"


class WrongOrigin(Forbidden):
    code = "request.wrong_origin"


class WrongCsrfToken(Forbidden):
    code = "request.wrong_csrf_token"


class RoleMissing(Forbidden):
    """The person is known, but his role has no access."""

    code = "person.role_missing"


def services_of(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


def has_own_origin(connection: HTTPConnection) -> bool:
    """Browsers name the page's origin; it must be the one asked. Programs that send none are not cross-site."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    try:
        return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == connection.headers.get("host")
    except ValueError:
        return False


def refuse_foreign_origin(request: Request) -> None:
    if request.method not in _SAFE_METHODS and not has_own_origin(request):
        raise WrongOrigin


def session_of(connection: HTTPConnection, services: Services) -> SessionFacts | None:
    token = connection.cookies.get(SESSION_COOKIE)
    return services.people.person_of(token) if token else None


def signed_in(request: Request, services: ServicesDep) -> SessionFacts:
    """The session behind the cookie; what changes something must carry its CSRF token too."""
    refuse_foreign_origin(request)
    facts = session_of(request, services)
    if facts is None:
        raise NotSignedIn
    if request.method not in _SAFE_METHODS:
        sent = request.headers.get("x-csrf-token", "")
        if not hmac.compare_digest(sent.encode(), facts.csrf_token.encode()):
            raise WrongCsrfToken
    return facts


SessionDep = Annotated[SessionFacts, Depends(signed_in)]


def viewer_of(facts: SessionFacts) -> Viewer:
    return Viewer(facts.person.id, facts.person.role)


def viewer(facts: SessionDep) -> Viewer:
    return viewer_of(facts)


ViewerDep = Annotated[Viewer, Depends(viewer)]


def supervisor(viewer: ViewerDep) -> Viewer:
    if not viewer.is_supervisor:
        raise RoleMissing
    return viewer


SupervisorDep = Annotated[Viewer, Depends(supervisor)]


def administrator(viewer: ViewerDep) -> Viewer:
    if not viewer.is_admin:
        raise RoleMissing
    return viewer


AdminDep = Annotated[Viewer, Depends(administrator)]
