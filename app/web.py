"""The web process: API, console and live feed under one roof."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from app.api.console import ConsoleFiles
from app.api.errors import BugEdge, install_error_handlers
from app.api.feed_hub import FeedHub
from app.api.feed_socket import FeedTiming
from app.api.live_words_relay import relay_live_words
from app.api.middleware import BodyLimit, RequestLog, SecurityHeaders
from app.api.phone_address import phone_source
from app.api.router import API_PREFIX, bare_app, document_of
from app.api.upload_form import UploadGate
from app.bootstrap import Services, build_services
from app.web_call_gate import WebCallGate
from config.settings import Settings

log = structlog.get_logger(__name__)

_WS_LARGEST_FRAME = 64 * 1024
_WS_PING_S = 10.0
_STOP_WITHIN_S = 5


def create_app(services: Services, *, feed_timing: FeedTiming | None = None) -> FastAPI:
    """The whole web application on these services; its lifespan runs the feed's reader."""
    hub = FeedHub(services.db, services.nudges)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        words = relay_live_words(services.settings.effective_redis_url, hub)
        running = [asyncio.create_task(each) for each in (hub.run(), words)]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    app = bare_app(lifespan=lifespan)
    app.state.services = services
    app.state.feed_hub = hub
    app.state.upload_gate = UploadGate()
    app.state.call_gate = WebCallGate(services.settings.effective_redis_url)
    app.state.feed_timing = feed_timing or FeedTiming()
    install_error_handlers(app)
    app.add_middleware(  # the last one added is the outermost
        BodyLimit,
        sound_path=f"{API_PREFIX}/voice-messages",
        largest_sound=services.settings.audio_max_mb << 20,
    )
    app.add_middleware(BugEdge)
    app.add_middleware(RequestLog)
    app.add_middleware(
        SecurityHeaders,
        behind_https=services.settings.cookie_secure,
        phone_source=lambda connection: phone_source(connection, services.settings),
    )
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    _serve_console(app, services)
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = document_of(app)
    return app.openapi_schema


def _serve_console(app: FastAPI, services: Services) -> None:
    """Behind every route, so that a wrong method on a known path stays a 405."""
    console = ConsoleFiles(services.settings.console_dir)
    not_found = app.router.default

    async def console_or_not_found(scope: Scope, receive: Receive, send: Send) -> None:
        await (console if scope["type"] == "http" else not_found)(scope, receive, send)

    app.router.default = console_or_not_found


def server_config(app: FastAPI, *, host: str, port: int, trusted_proxies: str = "") -> uvicorn.Config:
    """uvicorn as this house runs it: frames limited, dead sockets found within 20 s, no access log of its own."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=_WS_LARGEST_FRAME,
        ws_ping_interval=_WS_PING_S,
        ws_ping_timeout=_WS_PING_S,
        log_config=None,
        log_level="warning",
        access_log=False,  # it would write query strings
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


def run_web(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; running requests are finished first."""
    services = build_services(settings)
    log.info("app.web.started", host=settings.web_host, port=settings.web_port)
    config = server_config(
        create_app(services),
        host=settings.web_host,
        port=settings.web_port,
        trusted_proxies=settings.trusted_proxies,
    )
    server = uvicorn.Server(config)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _has_stopped)
    server.run()
    log.info("app.web.stopped")


def _has_stopped(_signal: int, _frame: FrameType | None) -> None:
    """uvicorn stops on a signal and then raises it once more, for whoever was there before it."""
