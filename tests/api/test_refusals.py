"""How the API says no: one shape, a stable code, and nothing told that is not the asker's business."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from app.bootstrap import Services
from app.web import create_app
from kit.db import Database
from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, Console, World, web_server

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"nonsense", b'{"state": "away",}'])
def test_malformed_json_is_named(console: Open, body: bytes) -> None:
    answer = console("ann").http.put("/presence", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert code_of(answer) in ("request.malformed_json", "request.unreadable", "request.invalid")


def test_malformed_json_has_a_code_of_its_own(console: Open) -> None:
    answer = console("ann").http.put("/presence", content=b'{"state": ', headers={"Content-Type": "application/json"})
    assert (answer.status_code, code_of(answer)) == (400, "request.malformed_json")


def test_deeply_nested_json_breaks_nothing(console: Open) -> None:
    answer = console("ann").http.put("/presence", content=b"[" * 60_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_wrong_fields_are_named_and_what_was_sent_is_not_repeated(console: Open) -> None:
    answer = console("").post("/session", {"login": "ann", "password": 12345678, "more": "my-secret"})
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
    assert {field["field"] for field in answer.json()["fields"]} == {"body.password", "body.more"}
    assert "12345678" not in answer.text
    assert "my-secret" not in answer.text


@pytest.mark.parametrize(
    "password", ["nul\0nul", "\ud800", "x" * 300], ids=["nul", "half a surrogate pair", "too long"]
)
def test_strange_passwords_are_only_wrong(console: Open, password: str) -> None:
    body = json.dumps({"login": "ann", "password": password})
    answer = console("").http.post("/session", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (401, 422)
    assert code_of(answer) in ("login.wrong", "request.invalid")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing-here", 404, "request.unknown_path"),
        ("GET", "/tickets/", 404, "request.unknown_path"),
        ("DELETE", "/tickets", 405, "request.method_not_allowed"),
        ("GET", "/tickets/a%00b", 422, "request.invalid"),
        ("GET", "/tickets/" + "x" * 500, 422, "request.invalid"),
        ("GET", "/tickets?limit=9999999999999999999999", 422, "request.invalid"),
        ("GET", "/tickets?text=%00", 422, "request.invalid"),
        ("GET", "/tickets?status=burning", 422, "request.invalid"),
    ],
)
def test_what_does_not_exist(console: Open, method: str, path: str, status: int, code: str) -> None:
    answer = console("boss").http.request(method, path)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_body_that_is_too_large_is_refused_with_or_without_its_length(console: Open) -> None:
    ann = console("ann")

    def pieces() -> Iterator[bytes]:
        yield b'{"state": "'
        for _ in range(20):
            yield b"x" * 8192

    with_length = ann.http.put("/presence", json={"state": "x" * 100_000})
    without = ann.http.put("/presence", content=pieces(), headers={"Content-Type": "application/json"})
    assert [(answer.status_code, code_of(answer)) for answer in (with_length, without)] == [
        (413, "request.too_large")
    ] * 2


def test_answers_carry_the_headers_that_protect_the_console(console: Open) -> None:
    headers = console("").http.get("/health").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


class _Broken(Database):
    """Fails like a bug, not like a database that is away."""

    def reading(self) -> Any:
        raise ZeroDivisionError("secret detail")


def test_a_bug_is_a_500_that_tells_nothing_and_is_logged_once(services: Services, world: World) -> None:
    app = create_app(services)
    with web_server(app) as url, structlog.testing.capture_logs() as lines:
        boss = Console(url)
        boss.sign_in("boss")
        object.__setattr__(services, "db", _Broken("sqlite://"))
        answer = boss.http.get("/calls")
    assert (answer.status_code, code_of(answer)) == (500, "internal")
    assert "secret detail" not in answer.text
    assert len([line for line in lines if line["event"] == "web.request.failed"]) == 1


def test_a_database_that_is_away_is_a_503(services: Services, world: World, tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'no-such-folder' / 'x.sqlite3'}")
    app = create_app(services)
    with web_server(app) as url:
        boss = Console(url)
        boss.sign_in("boss")
        object.__setattr__(services, "db", away)
        answer = boss.http.get("/calls")
        ready = boss.http.get("/health/ready")
    assert (answer.status_code, code_of(answer)) == (503, "database.unavailable")
    assert answer.headers["retry-after"] == "5"
    assert (ready.status_code, ready.json()["database"]) == (503, False)


def test_ready_tells_what_is_there(console: Open) -> None:
    there = {"is_ready": True, "database": True, "redis": True, "resting_recognisers": 0}
    assert console("").get("/health/ready") == there
