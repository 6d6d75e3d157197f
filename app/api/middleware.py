"""Around every request: a limit for bodies, headers that protect the console, and one line in the log."""

import time
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem

log = structlog.get_logger(__name__)

LARGEST_BODY = 64 * 1024
_FORM_AROUND_A_SOUND = 64 * 1024

_CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Element Plus positions its pop-ups by inline styles
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self' {phone}",  # sound travels on a port of its own
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}


class BodyLimit:
    """413 for bodies over the limit, whether they declare their length or not."""

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST_BODY, *, sound_path: str = "", largest_sound: int = 0
    ) -> None:
        """`sound_path`: the one path that takes sounds, of up to `largest_sound` bytes."""
        self._app = app
        self._largest = largest
        self._sound_path = sound_path
        self._largest_sound = largest_sound + _FORM_AROUND_A_SOUND

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._largest_sound if scope["path"] == self._sound_path else self._largest
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared[:20]) > largest:
            await problem(413, "request.too_large", _limit_of(largest))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise HTTPException(413, _limit_of(largest))
            return message

        await self._app(scope, counted, send)


def _limit_of(largest: int) -> str:
    return f"bodies are limited to {largest} bytes here"


class SecurityHeaders:
    """What browsers must know about every answer; answers of the API are never stored."""

    def __init__(self, app: ASGIApp, *, behind_https: bool, phone_source: Callable[[HTTPConnection], str]) -> None:
        self._app = app
        self._phone_source = phone_source
        self._headers = dict(_HEADERS)
        if behind_https:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                phone = self._phone_source(HTTPConnection(scope))
                headers.setdefault("content-security-policy", _CONTENT_POLICY.format(phone=phone))
                if scope["path"].startswith("/api/"):
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class RequestLog:
    """One line per API request, by its route below /api/v1: no query strings, which search for numbers and texts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                log.info(
                    "web.request.answered",
                    method=scope["method"],
                    route=getattr(scope.get("route"), "path", None),
                    status=message["status"],
                    took_ms=round((time.perf_counter() - started) * 1000, 1),
                )
            await send(message)

        await self._app(scope, receive, noted)
