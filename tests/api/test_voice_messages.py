"""The entrance for voice messages by HTTP: who may come in, what is kept, and what everybody else is told."""

import dataclasses
import hashlib
import io
import socket
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from app.web import create_app
from intake.client_service import ClientService
from intake.domain.client import NewClient
from intake.domain.signature import signature_of
from intake.models import VoiceUpload
from kit.errors import Unavailable
from tests.api.test_session import code_of
from tests.api.world import CALLER, ONE_DATABASE, Console, World, web_server

PATH = "/api/v1/voice-messages"
FIELDS = {"external_id": "app-1", "caller": "13900000001", "line": "12319"}


def wav(seconds: float = 2.0) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\x10\x27\xf0\xd8" * int(4000 * seconds))
    return buffer.getvalue()


class Client:
    """A program at the entrance; it shows its token, or signs, or does neither."""

    def __init__(self, url: str, new: NewClient) -> None:
        self.new = new
        self.http = httpx.Client(base_url=url, timeout=20)

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.new.token}"}

    def leave(
        self,
        sound: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
        fields: dict[str, str] | None = None,
    ) -> httpx.Response:
        files = {"audio": ("voice.amr", wav() if sound is None else sound)}
        sent = self.token if headers is None else headers
        return self.http.post(PATH, data=FIELDS | (fields or {}), files=files, headers=sent)

    def refer(self, **body: Any) -> httpx.Response:
        return self.http.post(PATH, json=FIELDS | body, headers=self.token)

    def progress(self, message_id: str) -> httpx.Response:
        return self.http.get(f"{PATH}/{message_id}", headers=self.token)

    def signed(self, request: httpx.Request, timestamp: str) -> httpx.Request:
        digest = hashlib.sha256(request.read()).hexdigest()
        signature = signature_of(self.new.secret, timestamp, request.method, request.url.path, digest)
        names = {"Client": self.new.id, "Timestamp": timestamp, "Signature": signature}
        request.headers.update({f"X-Hotline-{name}": value for name, value in names.items()})
        return request


@pytest.fixture
def client(url: str, world: World) -> Iterator[Client]:
    clients = ClientService(world.services.db, world.clock)
    made = Client(url, clients.add("mini-page", "12345", None, ("sounds.example",)))
    yield made
    made.http.close()


def kept(world: World) -> int:
    with world.services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(VoiceUpload)) or 0


def test_a_message_is_kept_and_can_be_followed(client: Client, world: World) -> None:
    answer = client.leave()
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert receipt["is_repetition"] is False
    progress = client.http.get(receipt["progress_url"], headers=client.token).json()
    assert (progress["status"], progress["ticket"], progress["external_id"]) == ("received", None, "app-1")
    upload = world.services.intake.upload(receipt["id"])
    assert (upload.caller, upload.line) == (CALLER, "12319")
    assert upload.file_key is not None
    assert world.services.files.local_path(upload.file_key).read_bytes() == wav()


def test_the_same_message_again_gets_the_same_answer(client: Client, world: World) -> None:
    first, again = client.leave().json(), client.leave().json()
    assert again == first | {"is_repetition": True}
    assert kept(world) == 1


def test_the_same_message_many_times_at_once_is_one(client: Client, world: World) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: client.leave(), range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert kept(world) == 1


@ONE_DATABASE
def test_another_sound_under_the_same_external_id_is_a_conflict(client: Client, world: World) -> None:
    client.leave()
    answer = client.leave(wav(3.0))
    assert (answer.status_code, code_of(answer)) == (409, "intake.external_id_reused")
    assert kept(world) == 1


@ONE_DATABASE
def test_a_signature_opens_instead_of_a_token(client: Client, world: World) -> None:
    now = str(int(world.clock.now().timestamp()))
    request = client.http.build_request("POST", PATH, data=FIELDS, files={"audio": ("a", wav())})
    answer = client.http.send(client.signed(request, now))
    assert answer.status_code == 202, answer.text
    asking = client.http.build_request("GET", f"{PATH}/{answer.json()['id']}")
    assert client.http.send(client.signed(asking, now)).status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("wrong", ["body", "path", "secret", "stale", "missing"])
def test_a_signature_of_anything_else_opens_nothing(client: Client, world: World, wrong: str) -> None:
    at = world.clock.now() - (timedelta(minutes=6) if wrong == "stale" else timedelta())
    secret = "guessed" if wrong == "secret" else client.new.secret
    request = client.http.build_request("POST", PATH, data=FIELDS, files={"audio": ("a", wav())})
    digest = hashlib.sha256(b"" if wrong == "body" else request.read()).hexdigest()
    stamp = str(int(at.timestamp()))
    path = "/elsewhere" if wrong == "path" else PATH
    request.headers["X-Hotline-Client"], request.headers["X-Hotline-Timestamp"] = client.new.id, stamp
    if wrong != "missing":
        request.headers["X-Hotline-Signature"] = signature_of(secret, stamp, "POST", path, digest)
    answer = client.http.send(request)
    code = "intake.signature_stale" if wrong == "stale" else "intake.client_unknown"
    assert (answer.status_code, code_of(answer)) == (401, code)
    assert kept(world) == 0


@ONE_DATABASE
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic YTpi"}])
def test_strangers_are_turned_away(client: Client, world: World, headers: dict[str, str]) -> None:
    answer = client.leave(headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "intake.client_unknown")
    assert kept(world) == 0


@ONE_DATABASE
def test_a_signed_in_person_is_no_client(client: Client) -> None:
    assert client.http.get(f"{PATH}/{'0' * 32}").status_code == 401


@ONE_DATABASE
def test_another_clients_message_is_not_found(client: Client, world: World, url: str) -> None:
    message_id = client.leave().json()["id"]
    other = Client(url, ClientService(world.services.db, world.clock).add("other", "12345"))
    answer = other.progress(message_id)
    assert (answer.status_code, code_of(answer)) == (404, "intake.message_not_found")
    other.http.close()


@ONE_DATABASE
@pytest.mark.parametrize(
    ("sound", "code"),
    [(b"", "intake.audio_missing"), (b"x", "audio.unreadable"), (b"<html>no sound</html>" * 9, "audio.unreadable")],
    ids=["empty", "one byte", "no sound"],
)
def test_what_is_no_sound_is_refused_at_once(client: Client, world: World, sound: bytes, code: str) -> None:
    answer = client.leave(sound)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert kept(world) == 0
    assert list((world.services.settings.data_dir / "incoming").glob("*")) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    "fields",
    [
        {"external_id": ""},
        {"external_id": "x" * 129},
        {"external_id": "nul\0"},
        {"caller": "1" * 65},
        {"recorded_at": "yesterday"},
        {"recorded_at": "2026-03-02T12:00:00"},
        {"more": "field"},
    ],
)
def test_wrong_fields_are_named(client: Client, world: World, fields: dict[str, str]) -> None:
    answer = client.leave(fields=fields)
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
    assert [field["field"] for field in answer.json()["fields"]] == [f"body.{next(iter(fields))}"]
    assert kept(world) == 0


@ONE_DATABASE
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"garbage", 400),
        ("application/json", b"{", 400),
        ("application/json", b"[1]", 422),
        ("text/plain", b"hello", 415),
        ("", b"hello", 415),
    ],
)
def test_garbage_is_refused(client: Client, world: World, kind: str, body: bytes, status: int) -> None:
    answer = client.http.post(PATH, content=body, headers=client.token | {"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert kept(world) == 0


@ONE_DATABASE
def test_a_sound_over_the_limit_is_refused_however_its_length_is_told(client: Client, world: World) -> None:
    settings = world.services.settings.model_copy(update={"audio_max_mb": 1})

    def in_pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\n'
        for _ in range(20):
            yield b"\0" * (1 << 16)

    with web_server(create_app(dataclasses.replace(world.services, settings=settings))) as url:
        declared = httpx.post(f"{url}{PATH}", files={"audio": ("a", b"\0" * (5 << 18))}, headers=client.token)
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        streamed = httpx.post(f"{url}{PATH}", content=in_pieces(), headers=client.token | kind)
    for answer in (declared, streamed):
        assert (answer.status_code, code_of(answer)) == (413, "request.too_large")
    assert kept(world) == 0


@ONE_DATABASE
def test_other_paths_take_no_large_bodies(client: Client) -> None:
    answer = client.http.post("/api/v1/session", content=b" " * 70_000)
    assert (answer.status_code, code_of(answer)) == (413, "request.too_large")


@ONE_DATABASE
def test_a_client_that_breaks_off_leaves_nothing(client: Client, world: World, url: str) -> None:
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0)) as stream:
        stream.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.new.token}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n".encode()
        )
    assert client.leave().status_code == 202  # and the server goes on
    assert kept(world) == 1


@ONE_DATABASE
def test_a_reference_to_an_own_host_is_kept_and_to_another_refused(client: Client, world: World) -> None:
    assert client.refer(audio_url="https://sounds.example/1.amr").status_code == 202
    answer = client.refer(external_id="app-2", audio_url="https://elsewhere.example/1.amr")
    assert (answer.status_code, code_of(answer)) == (422, "intake.reference_refused")
    assert kept(world) == 1


@ONE_DATABASE
def test_a_flood_of_one_client_is_told_when_to_come_again(client: Client, world: World) -> None:
    allowed = world.services.policy.intake.uploads_per_minute
    with world.services.db.transaction() as tx:
        tx.session.add_all(
            VoiceUpload(
                id=f"{number:032}", client_id=client.new.id, external_id=str(number), status="taken_in",
                fingerprint="", caller="", line="", received_at=world.clock.now(),
            )
            for number in range(allowed)
        )  # fmt: skip
    answer = client.leave()
    assert (answer.status_code, code_of(answer)) == (429, "intake.too_many_uploads")
    assert answer.headers["Retry-After"] == "60"


@ONE_DATABASE
def test_with_the_books_away_the_client_keeps_its_message(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was told no, so it will come again: nothing is lost."""

    def away(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(world.services.intake, "receive", away)
    answer = client.leave()
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_the_ticket_of_an_upload_shows_where_it_came_from(
    client: Client, world: World, console: Callable[[str], Console]
) -> None:
    message_id = client.leave().json()["id"]
    world.services.flow.take_in(message_id)
    world.services.flow.open_untranscribed(message_id)
    boss = console("boss")
    (row,) = boss.get("/tickets", scope="all")["items"]
    page = boss.get(f"/tickets/{row['id']}")
    assert page["call"] is None
    assert (page["upload"]["client_name"], page["upload"]["external_id"]) == ("mini-page", "app-1")
    assert page["recording"]["duration_ms"] == 2000
    assert client.progress(message_id).json()["ticket"]["number"] == row["number"]
