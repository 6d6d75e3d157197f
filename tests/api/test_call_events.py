"""The entrance for what other telephone systems say: who may say it, what is kept, and what everybody else is told."""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from intake.client_service import ClientService
from intake.domain.call_event import call_id_of
from intake.domain.client import NewClient
from intake.domain.signature import signature_of
from intake.models import OutsideEvent, VoiceUpload
from kit.errors import Unavailable
from tests.api.test_session import code_of
from tests.api.world import CALLER, ONE_DATABASE, Console, World

PATH = "/api/v1/call-events"
SOUND_URL = "https://sounds.example/1.wav"


class Pbx:
    """A telephone system that shows its token, or signs."""

    def __init__(self, url: str, new: NewClient, now: datetime) -> None:
        self.new, self.now = new, now
        self.http = httpx.Client(base_url=url, timeout=20)

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.new.token}"}

    def event(self, kind: str, after_s: float = 0, **more: Any) -> dict[str, Any]:
        at = (self.now + timedelta(seconds=after_s)).isoformat()
        return {"id": f"{kind}-{after_s:g}", "kind": kind, "at": at, "call_id": "c-1"} | more

    def tell(self, *events: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        content = events[0] if len(events) == 1 else list(events)
        return self.http.post(PATH, json=content, headers=self.token if headers is None else headers)

    def send(self, body: bytes, **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/json"} | self.token | headers
        return self.http.post(PATH, content=body, headers=sent)

    def signed(self, body: bytes, *, secret: str, at: datetime, path: str = PATH) -> dict[str, str]:
        stamp = str(int(at.timestamp()))
        signature = signature_of(secret, stamp, "POST", path, hashlib.sha256(body).hexdigest())
        names = {"Client": self.new.id, "Timestamp": stamp, "Signature": signature}
        return {"Content-Type": "application/json"} | {f"X-Hotline-{name}": value for name, value in names.items()}


@pytest.fixture
def pbx(url: str, world: World) -> Iterator[Pbx]:
    clients = ClientService(world.services.db, world.clock)
    made = Pbx(url, clients.add("old PBX", "12345", None, ("sounds.example",)), world.clock.now())
    yield made
    made.http.close()


def kept(world: World) -> int:
    with world.services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(OutsideEvent)) or 0


def test_a_call_told_in_events_stands_in_the_call_log(
    pbx: Pbx, world: World, console: Callable[[str], Console]
) -> None:
    ringing = pbx.event("ringing", caller="13900000001", line="12319")
    answer = pbx.tell(ringing)
    assert (answer.status_code, answer.json()) == (202, {"new": ["ringing-0"], "repeated": []})
    answer = pbx.tell(ringing, pbx.event("answered", 8, agent="801"), pbx.event("hung_up", 60, cause="normal"))
    assert answer.json() == {"new": ["answered-8", "hung_up-60"], "repeated": ["ringing-0"]}
    boss = console("boss")
    (row,) = boss.get("/calls")["items"]
    assert row["id"] == call_id_of(pbx.new.id, "c-1")
    told = {name: row[name] for name in ("source", "caller", "line", "status", "outcome", "agents", "cause")}
    assert told == {
        "source": "old PBX", "caller": CALLER, "line": "12319", "status": "ended", "outcome": "talked",
        "agents": ["801"], "cause": "normal",
    }  # fmt: skip
    assert boss.get(f"/calls/{row['id']}")["unknown"] == []


def test_the_same_events_many_times_at_once_are_kept_once(pbx: Pbx, world: World) -> None:
    events = [pbx.event("ringing"), pbx.event("answered", 5), pbx.event("hung_up", 9)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: pbx.tell(*events), range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(name for answer in answers for name in answer.json()["new"]) == [
        "answered-5", "hung_up-9", "ringing-0",
    ]  # fmt: skip
    assert kept(world) == 3


@ONE_DATABASE
def test_two_clients_may_use_the_same_ids(pbx: Pbx, world: World, url: str) -> None:
    other = Pbx(url, ClientService(world.services.db, world.clock).add("other", "12345"), pbx.now)
    assert [each.tell(pbx.event("ringing")).json()["new"] for each in (pbx, other)] == [["ringing-0"]] * 2
    assert kept(world) == 2
    other.http.close()


@ONE_DATABASE
def test_a_signature_opens_instead_of_a_token(pbx: Pbx, world: World) -> None:
    body = json.dumps(pbx.event("ringing")).encode()
    headers = pbx.signed(body, secret=pbx.new.secret, at=pbx.now)
    assert pbx.http.post(PATH, content=body, headers=headers).status_code == 202
    assert kept(world) == 1


@ONE_DATABASE
def test_a_forged_signature_opens_nothing(pbx: Pbx, world: World) -> None:
    body, secret, now = json.dumps(pbx.event("ringing")).encode(), pbx.new.secret, pbx.now
    forged = {
        "of another body": pbx.signed(b"[]", secret=secret, at=now),
        "by another secret": pbx.signed(body, secret="guessed", at=now),
        "for another path": pbx.signed(body, secret=secret, at=now, path="/elsewhere"),
        "none": {**pbx.signed(body, secret=secret, at=now), "X-Hotline-Signature": ""},
    }
    for name, headers in forged.items():
        answer = pbx.http.post(PATH, content=body, headers=headers)
        assert (answer.status_code, code_of(answer)) == (401, "intake.client_unknown"), name
    stale = pbx.signed(body, secret=secret, at=now - timedelta(minutes=6))
    assert code_of(pbx.http.post(PATH, content=body, headers=stale)) == "intake.signature_stale"
    assert kept(world) == 0


@ONE_DATABASE
def test_strangers_are_turned_away(pbx: Pbx, world: World) -> None:
    for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic YTpi"}):
        answer = pbx.tell(pbx.event("ringing"), headers=headers)
        assert (answer.status_code, code_of(answer)) == (401, "intake.client_unknown")
    assert kept(world) == 0


GARBAGE = {
    b"": (400, "request.unreadable"),
    b"{": (400, "request.unreadable"),
    b"\xff\xfe": (400, "request.unreadable"),
    b"[" * 60_000: (400, "request.unreadable"),
    b'{"id": "\\ud800"}': (400, "request.unreadable"),
    b"[]": (422, "request.invalid"),
    b"null": (422, "request.invalid"),
    b"17": (422, "request.invalid"),
    b'["ringing"]': (422, "request.invalid"),
    b"[" + b" " * 70_000 + b"]": (413, "request.too_large"),
}


@ONE_DATABASE
def test_garbage_is_named_and_not_kept(pbx: Pbx, world: World) -> None:
    for body, told in GARBAGE.items():
        answer = pbx.send(body)
        assert (answer.status_code, code_of(answer)) == told, body[:20]
    answer = pbx.send(b"[]", **{"Content-Type": "text/plain"})
    assert (answer.status_code, code_of(answer)) == (415, "request.unsupported_media_type")
    assert kept(world) == 0


WRONG_FIELDS = (
    {"id": ""},
    {"id": "x" * 101},
    {"kind": "exploded"},
    {"kind": "settled"},
    {"at": "yesterday"},
    {"at": "2026-03-02T12:00:00"},
    {"call_id": "nul\0"},
    {"caller": "1" * 65},
    {"direction": "sideways"},
    {"more": "fields"},
    {"opens_ticket": "perhaps"},
)


@ONE_DATABASE
def test_wrong_fields_are_named_and_the_right_events_beside_them_not_kept(pbx: Pbx, world: World) -> None:
    for wrong in WRONG_FIELDS:
        answer = pbx.tell(pbx.event("hung_up"), pbx.event("ringing") | wrong)
        assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
        assert {field["field"] for field in answer.json()["fields"]} == {f"body.1.{next(iter(wrong))}"}
    assert kept(world) == 0


TALK = {"recording_of": "talk"}
UNUSABLE: list[tuple[str, dict[str, Any], str]] = [
    ("ringing", {"call_id": ""}, "intake.event_incomplete"),
    ("recording_ready", TALK, "intake.event_incomplete"),
    ("recording_ready", {"recording_url": SOUND_URL}, "intake.event_incomplete"),
    ("agent_state", {"state": "busy"}, "intake.event_incomplete"),
    ("agent_state", {"agent": "801"}, "intake.event_incomplete"),
    ("recording_ready", TALK | {"recording_url": "https://x.example/"}, "intake.reference_refused"),
    ("recording_ready", TALK | {"recording_url": "file:///etc/passwd"}, "intake.reference_refused"),
    ("ringing", {"at": "2026-02-20T04:00:00Z"}, "intake.event_out_of_time"),
    ("ringing", {"at": "2026-03-02T05:00:00Z"}, "intake.event_out_of_time"),
]


@ONE_DATABASE
def test_what_cannot_be_used_is_refused_with_a_code(pbx: Pbx, world: World) -> None:
    for kind, more, code in UNUSABLE:
        answer = pbx.tell(pbx.event(kind) | more)
        assert (answer.status_code, code_of(answer)) == (422, code), more
    assert kept(world) == 0


@ONE_DATABASE
def test_another_event_under_the_same_id_is_a_conflict(pbx: Pbx, world: World) -> None:
    pbx.tell(pbx.event("ringing"))
    answer = pbx.tell(pbx.event("hung_up", 9), pbx.event("ringing", caller="13900000002"))
    assert (answer.status_code, code_of(answer)) == (409, "intake.event_id_reused")
    assert answer.json()["details"] == {"event_id": "ringing-0"}
    assert kept(world) == 1


@ONE_DATABASE
def test_a_hundred_events_are_taken_at_once_and_no_more(pbx: Pbx, world: World) -> None:
    many = [pbx.event("ringing", id=str(number), call_id=str(number)) for number in range(101)]
    answer = pbx.tell(*many)
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
    assert len(pbx.tell(*many[:100]).json()["new"]) == 100
    assert kept(world) == 100


@ONE_DATABASE
def test_a_flood_is_told_when_to_come_again_and_loses_nothing_that_was_taken(pbx: Pbx, world: World) -> None:
    allowed = world.services.policy.call_events.per_minute
    with world.services.db.transaction() as tx:
        tx.session.add_all(
            OutsideEvent(
                id=f"{number:032}", client_id=pbx.new.id, external_id=str(number), fingerprint="", kind="agent_state",
                received_at=pbx.now, at=pbx.now, caller="", line="", agent="801", target="", state="busy", cause="",
                recording_url="",
            )
            for number in range(allowed - 1)
        )  # fmt: skip
    assert pbx.tell(pbx.event("ringing")).status_code == 202
    answer = pbx.tell(pbx.event("answered", 1))
    assert (answer.status_code, code_of(answer)) == (429, "intake.too_many_events")
    assert answer.headers["Retry-After"] == "60"
    assert pbx.tell(pbx.event("ringing")).json()["repeated"] == ["ringing-0"]  # asking again costs nothing
    assert kept(world) == allowed


@ONE_DATABASE
def test_an_id_that_is_used_for_every_call_is_refused_before_it_costs_too_much(pbx: Pbx, world: World) -> None:
    many = [pbx.event("ringing", id=str(number)) for number in range(501)]
    for start in range(0, 500, 100):
        assert pbx.tell(*many[start : start + 100]).status_code == 202
    answer = pbx.tell(many[500])
    assert (answer.status_code, code_of(answer)) == (409, "intake.call_overfull")
    assert kept(world) == 500


@ONE_DATABASE
def test_with_the_books_away_the_client_keeps_its_events(
    pbx: Pbx, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(world.services.call_events, "keep", away)
    assert pbx.tell(pbx.event("ringing")).status_code == 503


@ONE_DATABASE
def test_a_recording_can_be_followed_like_any_message(pbx: Pbx, world: World) -> None:
    event = pbx.event("recording_ready", recording_url=SOUND_URL, recording_of="message", caller="13900000001")
    assert pbx.tell(event).status_code == 202
    with world.services.db.reading() as session:
        (upload,) = session.scalars(select(VoiceUpload)).all()
    progress = pbx.http.get(f"/api/v1/voice-messages/{upload.id}", headers=pbx.token).json()
    assert (progress["external_id"], progress["status"]) == ("call-event/recording_ready-0", "referred")


@ONE_DATABASE
def test_a_voice_message_under_the_recordings_id_is_a_conflict(pbx: Pbx, world: World) -> None:
    fields = {"external_id": "call-event/recording_ready-0", "audio_url": SOUND_URL}
    assert pbx.http.post("/api/v1/voice-messages", json=fields, headers=pbx.token).status_code == 202
    answer = pbx.tell(pbx.event("recording_ready", recording_url=SOUND_URL, recording_of="talk"))
    assert (answer.status_code, code_of(answer)) == (409, "intake.external_id_reused")


def test_the_last_state_of_each_agent_is_shown_and_nobodys_presence_touched(
    pbx: Pbx, world: World, console: Callable[[str], Console]
) -> None:
    before = world.services.duty.person_on_duty()
    states = [("801", "busy", 0), ("801", "available", 30), ("802", "away", 10)]
    events = [
        pbx.event("agent_state", at_s, call_id="", agent=agent, state=state, id=f"{agent}-{at_s}")
        for agent, state, at_s in reversed(states)
    ]
    assert pbx.tell(*events).status_code == 202
    shown = console("boss").get("/calls/outside-agents")
    assert [(each["source"], each["agent"], each["state"]) for each in shown] == [
        ("old PBX", "801", "available"), ("old PBX", "802", "away"),
    ]  # fmt: skip
    assert world.services.duty.person_on_duty() == before
    assert code_of(console("ann").http.get("/calls/outside-agents")) == "person.role_missing"
