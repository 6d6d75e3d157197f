"""The console's live feed: one socket per open console, closed when its session ends. Words: feed_messages.py."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from app.api import feed_messages as words
from app.api.access import ServicesDep, has_own_origin, session_of, viewer_of
from app.api.feed_hub import FeedHub, Subscription
from app.bootstrap import Services
from app.views.database_health import DATABASE_AWAY
from app.views.feed import missed_events, newest_id
from app.views.viewer import Viewer

log = structlog.get_logger(__name__)

router = APIRouter()

_MOST_MISSED = 1000
_MOST_MESSAGES = 20
_MESSAGES_WINDOW_S = 10.0


@dataclass(frozen=True, slots=True)
class FeedTiming:
    """`beat_s`: how often the session is checked, the person marked as seen, and the client pinged."""

    beat_s: float = 15.0
    resume_within_s: float = 10.0


class _Closing(Exception):
    """How a socket comes to its end; told to the client."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@router.websocket("/feed")
async def feed(socket: WebSocket, services: ServicesDep) -> None:
    """Refuses before the handshake who has no session or comes from another site's page."""
    try:
        viewer = await _entitled(socket, services)
        await socket.accept()
        hub: FeedHub = socket.app.state.feed_hub
        subscription = hub.join(viewer)
        try:
            await _Conversation(socket, services, subscription, socket.app.state.feed_timing).hold()
        finally:
            hub.leave(subscription)
    except _Closing as closing:
        log.info("web.feed.closed", code=closing.code, reason=closing.reason)
        await _close(socket, closing.code, closing.reason)
    except WebSocketDisconnect:
        pass
    except DATABASE_AWAY:
        await _close(socket, words.TRY_AGAIN, "database.unavailable")
    except Exception:
        log.exception("web.feed.failed")
        await _close(socket, 1011, "internal")


async def _entitled(socket: WebSocket, services: Services) -> Viewer:
    if not has_own_origin(socket):
        raise _Closing(words.WRONG_ORIGIN, "request.wrong_origin")
    facts = await asyncio.to_thread(session_of, socket, services)
    if facts is None:
        raise _Closing(words.NO_SESSION, "session.missing")
    hub: FeedHub = socket.app.state.feed_hub
    if not hub.is_ready:
        raise _Closing(words.TRY_AGAIN, "feed.not_ready")
    return viewer_of(facts)


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await socket.close(code, reason)
    except (RuntimeError, WebSocketDisconnect):
        return  # the other side was faster


class _Conversation:
    """One accepted socket: reading, writing and the heartbeat end together."""

    def __init__(self, socket: WebSocket, services: Services, subscription: Subscription, timing: FeedTiming) -> None:
        self._socket = socket
        self._services = services
        self._subscription = subscription
        self._viewer = subscription.viewer
        self._timing = timing
        self._received_at: deque[float] = deque(maxlen=_MOST_MESSAGES)
        self._replayed: set[int] = set()

    async def hold(self) -> None:
        """Until one side ends it; raises how it ended."""
        try:
            async with asyncio.timeout(self._timing.resume_within_s):
                cursor = words.resume_cursor(await self._receive())
        except TimeoutError:
            raise _Closing(words.NO_RESUME, "feed.no_resume") from None
        except words.NotUnderstood as error:
            raise _Closing(words.MALFORMED, error.code) from None
        await asyncio.to_thread(self._services.duty.seen, self._viewer.person_id)
        await self._replay(cursor)
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (self._read, self._write, self._beat):
                    tasks.create_task(part())
        except* (_Closing, WebSocketDisconnect) as ends:
            raise ends.exceptions[0] from None

    async def _replay(self, cursor: int | None) -> None:
        newest, missed = await asyncio.to_thread(self._read_missed, cursor)
        if cursor is None or cursor > newest:
            await self._socket.send_json(words.hello(newest, is_complete=cursor is None))
        elif len(missed) > _MOST_MISSED:
            await self._socket.send_json(words.hello(newest, is_complete=False))
        else:
            await self._socket.send_json(words.hello(cursor, is_complete=True))
            for message in missed:
                await self._socket.send_json(message)
            self._replayed = {event_id for message in missed if isinstance(event_id := message["id"], int)}

    def _read_missed(self, cursor: int | None) -> tuple[int, list[words.Message]]:
        with self._services.db.reading() as session:
            newest = newest_id(session)
            if cursor is None or cursor > newest:
                return newest, []
            rows = missed_events(session, self._viewer, cursor, _MOST_MISSED + 1)
            return newest, [words.ticket_event(row, self._viewer) for row in rows]

    async def _read(self) -> None:
        while True:
            try:
                message = await self._receive()
            except words.NotUnderstood as error:
                raise _Closing(words.MALFORMED, error.code) from None
            if message["type"] not in ("ping", "pong"):
                raise _Closing(words.MALFORMED, "feed.not_understood")

    async def _receive(self) -> words.Message:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000), received.get("reason"))
        now = time.monotonic()
        if len(self._received_at) == _MOST_MESSAGES and now - self._received_at[0] < _MESSAGES_WINDOW_S:
            raise _Closing(words.FLOOD, "feed.too_many_messages")
        self._received_at.append(now)
        text = received.get("text")
        if text is None:
            raise _Closing(words.BINARY, "feed.binary")
        if len(text) > words.LONGEST_MESSAGE:
            raise _Closing(words.TOO_LARGE, "feed.too_large")
        return words.read_message(text)

    async def _write(self) -> None:
        while True:
            message = await self._subscription.next()
            if self._subscription.is_overrun:
                raise _Closing(words.TRY_AGAIN, "feed.too_slow")
            if message["id"] not in self._replayed:
                await self._socket.send_json(message)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._timing.beat_s)
            try:
                facts = await asyncio.to_thread(session_of, self._socket, self._services)
                if facts is None or viewer_of(facts) != self._viewer:
                    raise _Closing(words.NO_SESSION, "session.ended")
                await asyncio.to_thread(self._services.duty.seen, self._viewer.person_id)
            except DATABASE_AWAY as error:
                log.warning("web.feed.beat_missed", error_type=type(error).__name__)
            await self._socket.send_json(words.ping())
