"""Where HTTP meanings are given to named errors. Nothing that went wrong inside is told to the outside."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import ProblemField, problem
from app.views.database_health import DATABASE_AWAY
from asr.domain.errors import AudioUnreadable
from kit.errors import Conflict, Forbidden, HotlineError, Invalid, NotFound, Unavailable

log = structlog.get_logger(__name__)

_BY_CLASS: tuple[tuple[type[HotlineError], int], ...] = (
    (AudioUnreadable, 422),
    (NotFound, 404),
    (Invalid, 422),
    (Conflict, 409),
    (Forbidden, 403),
    (Unavailable, 503),
)
_BY_CODE = {
    "session.missing": 401,
    "login.wrong": 401,
    "login.too_many_attempts": 429,
    "request.range_not_satisfiable": 416,
    "storage.file_missing": 404,
    "intake.client_unknown": 401,
    "intake.signature_stale": 401,
    "intake.too_many_uploads": 429,
    "web_call.too_many": 429,
    "intake.too_many_events": 429,
}
_HTTP_CODES = {
    400: "request.unreadable",
    404: "request.unknown_path",
    408: "request.too_slow",
    405: "request.method_not_allowed",
    413: "request.too_large",
    415: "request.unsupported_media_type",
}


def status_of(error: HotlineError) -> int:
    """The HTTP status of a named error; 500 for one that nobody gave a meaning."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((status for kind, status in _BY_CLASS if isinstance(error, kind)), 500)


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(HotlineError, _on_named_error)
    app.add_exception_handler(RequestValidationError, _on_wrong_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    for kind in DATABASE_AWAY:
        app.add_exception_handler(kind, _on_database_away)


def _on_named_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HotlineError)
    status = status_of(error)
    if status == 500:
        return answer_to_bug(request.method, _route_of(request.scope), error)
    headers = {}
    if status in (429, 503):
        headers["Retry-After"] = str(error.details.get("retry_after_s") or 5)
    if status == 416:
        headers["Content-Range"] = f"bytes */{error.details.get('size_bytes')}"
    return problem(status, error.code, error.message, details=error.details, headers=headers)


def _on_wrong_request(_request: Request, error: Exception) -> Response:
    """What was sent is not repeated: it may be a password."""
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    if any(item["type"] == "json_invalid" for item in wrong):
        return problem(400, "request.malformed_json", "the body is not JSON")
    fields = [ProblemField(field=".".join(map(str, item["loc"])), message=item["msg"]) for item in wrong]
    return problem(422, "request.invalid", "the request does not have the form it must have", fields=fields)


def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, f"http.{error.status_code}")
    return problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))


def _on_database_away(_request: Request, error: Exception) -> Response:
    log.error("web.database.refused", error_type=type(error).__name__)
    return problem(503, "database.unavailable", "the database does not answer", headers={"Retry-After": "5"})


class BugEdge:
    """The last resort around the application: what nobody gave a meaning is logged once and told to nobody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def noted(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            answer = answer_to_bug(scope["method"], _route_of(scope), error)
            if has_started:
                raise  # half an answer is out: only cutting it off tells the other side
            await answer(scope, receive, send)


def answer_to_bug(method: str, route: str | None, error: Exception) -> Response:
    log.error("web.request.failed", method=method, route=route, exc_info=error)
    return problem(500, "internal", "something went wrong here; it has been written down")


def _route_of(scope: Scope) -> str | None:
    return getattr(scope.get("route"), "path", None)
