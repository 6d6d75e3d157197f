"""A small hotline with people on duty, behind a real web server, and consoles that talk to it."""

import dataclasses
import io
import json
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.api.session_cookie import SESSION_COOKIE
from app.bootstrap import Services
from app.feed_nudges import LocalNudges
from app.web import server_config
from asr.domain.transcript import TranscriptStatus
from asr.models import Transcript
from ivr.domain.call import CallDirection, CallOutcome, CallStatus, HangupBy
from ivr.models import Call, MessageQuality, Recording, VoiceMessage
from kit.clock import Clock
from kit.ids import new_id
from people.adapters.argon2_hasher import Argon2Hasher
from people.domain.policy import LoginPolicy
from people.domain.role import Role
from people.service import PeopleService
from ticketing.domain.duty_roster import PresenceState
from ticketing.models import TextSource
from ticketing.service import NewTicket

PASSWORD = "long-enough-for-a-test"
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not reach the database, or reaches it by roads that others test on both."""
CALLER = "+8613900000001"
WORDS = "路灯坏了"


@dataclasses.dataclass(frozen=True)
class LeftMessage:
    call_id: str
    message_id: str
    recording_id: str
    sound: bytes


class World:
    """People: `admin`, `boss` (supervisor), `ann` (A), `ben` (B) and `cid` (on no shift)."""

    def __init__(self, services: Services, clock: Clock, scratch: Path) -> None:
        self.services = services
        self.clock = clock
        self._scratch = scratch
        add = services.people.add_person
        self.ids = {
            login: add(login, login.title(), role, PASSWORD)
            for login, role in (
                ("admin", Role.ADMIN),
                ("boss", Role.SUPERVISOR),
                ("ann", Role.AGENT),
                ("ben", Role.AGENT),
                ("cid", Role.AGENT),
            )
        }
        duty = services.duty
        self.desk_id = duty.add_desk("Intake", is_intake=True)
        self.seat_id = duty.add_seat(self.desk_id, "Seat 1")
        start = clock.now() - timedelta(hours=1)
        duty.add_shift(self.seat_id, start, None, a_person_id=self.ids["ann"], b_person_id=self.ids["ben"])

    def be_available(self, *logins: str) -> None:
        for login in logins:
            self.services.duty.set_presence(self.ids[login], PresenceState.AVAILABLE)

    def leave_call(self, *, outcome: CallOutcome = CallOutcome.MISSED, caller: str = CALLER) -> str:
        """A filed inbound call of now."""
        now, call_id = self.clock.now(), new_id()
        call = Call(
            id=call_id,
            direction=CallDirection.INBOUND,
            line="12345",
            caller=caller,
            status=CallStatus.ENDED,
            outcome=outcome,
            started_at=now,
            answered_at=now,
            ended_at=now + timedelta(seconds=20),
            hangup_by=HangupBy.CALLER,
            telephony_id="telephony-1",
            notice_version="1",
            digits=[{"digit": "1", "at_ms": 2310}],
        )
        with self.services.db.transaction() as tx:
            tx.session.add(call)
        return call_id

    def leave_message(self, *, is_recognised: bool = True, quality: MessageQuality = MessageQuality.OK) -> LeftMessage:
        """A filed voice message with its recording and (unless told otherwise) its transcript."""
        call_id = self.leave_call(outcome=CallOutcome.MESSAGE_LEFT)
        left = LeftMessage(call_id, new_id(), new_id(), _wav())
        source = self._scratch / f"{left.recording_id}.wav"
        source.write_bytes(left.sound)
        stored = self.services.files.adopt(source, f"recordings/{left.recording_id}.wav")
        now = self.clock.now()
        recording = Recording(
            id=left.recording_id,
            call_id=call_id,
            file_key=stored.key,
            size_bytes=stored.size,
            sha256=stored.sha256,
            sample_rate=8000,
            duration_ms=1000,
            started_at=now,
        )
        message = VoiceMessage(
            id=left.message_id,
            call_id=call_id,
            recording_id=left.recording_id,
            caller=CALLER,
            quality=quality,
            duration_ms=1000,
            received_at=now,
        )
        with self.services.db.transaction() as tx:
            tx.session.add(recording)
            tx.session.flush()
            tx.session.add(message)
            if is_recognised:
                tx.session.add(self._transcript(left.recording_id))
        return left

    def open_ticket(self, left: LeftMessage | None = None, text_source: TextSource = TextSource.TRANSCRIPT) -> str:
        """The ticket of a message, wherever the roster puts it now."""
        left = left or self.leave_message()
        new = NewTicket(
            voice_message_id=left.message_id,
            caller=CALLER,
            text=WORDS if text_source is TextSource.TRANSCRIPT else "",
            text_source=text_source,
            number=None,
            reserved_for=left.call_id,
        )
        return self.services.tickets.open_ticket(new)

    def _transcript(self, recording_id: str) -> Transcript:
        return Transcript(
            id=new_id(),
            recording_id=recording_id,
            status=TranscriptStatus.READY,
            text=WORDS,
            words=[{"text": "路灯", "start_ms": 100, "end_ms": 500, "confidence": 0.98}],
            mean_confidence=0.98,
            model="test",
            took_ms=5,
            created_at=self.clock.now(),
        )


class Console:
    """One browser: a cookie jar, a CSRF token, and sockets that carry both."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers={"Origin": url}, timeout=20)

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.http.post("/session", json={"login": login, "password": password})
        if answer.is_success:
            self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer

    def get(self, path: str, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(path, json=body)

    def socket(self, **headers: str) -> ClientConnection:
        """Open the feed; nothing is said yet."""
        sent = {"Origin": self.url, **headers}
        if token := self.http.cookies.get(SESSION_COOKIE):
            sent.setdefault("Cookie", f"{SESSION_COOKIE}={token}")
        return connect(self.url.replace("http:", "ws:") + "/api/v1/feed", additional_headers=sent)

    @contextmanager
    def feed(self, cursor: int | None = None) -> Iterator["Feed"]:
        with self.socket() as socket:
            feed = Feed(socket)
            feed.say({"type": "resume", "cursor": cursor})
            feed.hello = feed.next()
            assert feed.hello["type"] == "hello", feed.hello
            yield feed


class Feed:
    """An open feed, as the console reads it."""

    hello: dict[str, Any]

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, message: Any) -> None:
        self.socket.send(json.dumps(message))

    def next(self, timeout_s: float = 10) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout_s))
        return message

    def next_event(self, timeout_s: float = 10) -> dict[str, Any]:
        """The next event that has an id."""
        while True:
            message = self.next(timeout_s)
            if message["type"] == "event" and message["id"] is not None:
                return message

    def events_until(self, kind: str, **wanted: Any) -> list[dict[str, Any]]:
        """Events with ids, up to and with the first of this kind and these fields."""
        events = []
        while True:
            event = self.next_event()
            events.append(event)
            if event["kind"] == kind and all(event[key] == value for key, value in wanted.items()):
                return events


def closing_of(socket: ClientConnection) -> tuple[int, str]:
    """Read until the server closes; its code and reason."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=10)
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


@contextmanager
def web_server(app: FastAPI) -> Iterator[str]:
    """The application behind a real server on a free port; yields its URL."""
    server = uvicorn.Server(server_config(app, host="127.0.0.1", port=0))
    started = threading.Event()
    startup = server.startup

    async def startup_and_tell(*args: Any, **kwargs: Any) -> None:
        await startup(*args, **kwargs)
        started.set()

    server.startup = startup_and_tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert started.wait(20), "the web server did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the web server did not stop"


def signing_in_quickly(services: Services) -> Services:
    """The same services without the cost of a password hash."""
    login = services.policy.login
    policy = LoginPolicy(
        max_failures=login.max_failures, window=timedelta(seconds=login.window_s), session_life=timedelta(hours=12)
    )
    hasher = Argon2Hasher(time_cost=1, memory_cost_kib=64, parallelism=1)
    return dataclasses.replace(services, people=PeopleService(services.db, services.clock, hasher, policy))


def nudging(services: Services, nudges: LocalNudges) -> Services:
    """The same services, whose commits nudge this process only."""
    services.db.bus.subscribe(lambda fact: nudges.publish(_TOPICS.get(type(fact).__name__, "ticket")))
    return dataclasses.replace(services, nudges=nudges)


_TOPICS = {
    "CallbackTaskChanged": "callback",
    "PresenceChanged": "presence",
    "CallEnded": "call",
    "SeatCallChanged": "seat_call",
}


def _wav() -> bytes:
    """One second of 8 kHz sound in which every byte range differs."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join((n % 30000).to_bytes(2, "little", signed=True) for n in range(8000)))
    return buffer.getvalue()
