"""Signing in and out: cookies, CSRF tokens, origins, and a door that closes on guessers."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from app.api.session_cookie import SESSION_COOKIE
from kit.clock import FixedClock
from tests.api.world import ONE_DATABASE, Console, World

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    code: str = answer.json()["code"]
    return code


def test_signing_in_gives_a_cookie_scripts_cannot_read_and_a_csrf_token(console: Open) -> None:
    answer = console("").sign_in("ann")
    cookie = answer.headers["set-cookie"]
    assert answer.json()["person"]["login"] == "ann"
    assert answer.json()["presence"]["state"] == "away"
    assert len(answer.json()["csrf_token"]) > 20
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert answer.json()["csrf_token"] not in cookie


def test_the_session_tells_who_i_am(console: Open) -> None:
    ann = console("ann")
    assert ann.get("/session")["csrf_token"] == ann.http.headers["X-CSRF-Token"]


def test_without_a_session_nothing_but_health_is_answered(console: Open, world: World) -> None:
    nobody = console("")
    for path in ("/session", "/tickets", f"/tickets/{'0' * 32}", "/calls", "/people", "/duty", "/callback-tasks"):
        answer = nobody.http.get(path)
        assert (answer.status_code, code_of(answer)) == (401, "session.missing"), path
    assert nobody.get("/health") == {"status": "ok"}


def test_twenty_wrong_passwords_close_the_door_for_a_while(console: Open, clock: FixedClock) -> None:
    nobody = console("")
    answers = [nobody.sign_in("ann", "a-wrong-password") for _ in range(20)]
    assert [code_of(answer) for answer in answers[:10]] == ["login.wrong"] * 10
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 10
    assert code_of(answers[-1]) == "login.too_many_attempts"
    wait_s = int(answers[-1].headers["retry-after"])
    assert nobody.sign_in("ann").status_code == 429
    clock.advance(timedelta(seconds=wait_s + 1))
    assert nobody.sign_in("ann").status_code == 200


def test_a_change_without_the_csrf_token_is_refused(console: Open) -> None:
    ann = console("ann")
    del ann.http.headers["X-CSRF-Token"]
    answer = ann.http.put("/presence", json={"state": "available"})
    assert (answer.status_code, code_of(answer)) == (403, "request.wrong_csrf_token")


@pytest.mark.parametrize("token", ["", "x", "é" * 20])
def test_a_wrong_csrf_token_is_refused(console: Open, token: str) -> None:
    answer = console("ann").http.put(
        "/presence", json={"state": "available"}, headers=[(b"X-CSRF-Token", token.encode("latin-1"))]
    )
    assert (answer.status_code, code_of(answer)) == (403, "request.wrong_csrf_token")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://["])
def test_a_change_asked_by_another_sites_page_is_refused(console: Open, origin: str) -> None:
    ann = console("ann")
    change = ann.http.put("/presence", json={"state": "available"}, headers={"Origin": origin})
    sign_in = ann.http.post("/session", json={"login": "ann", "password": "x"}, headers={"Origin": origin})
    assert (change.status_code, code_of(change)) == (403, "request.wrong_origin")
    assert (sign_in.status_code, code_of(sign_in)) == (403, "request.wrong_origin")


def test_signing_out_ends_the_session_and_the_presence(console: Open, world: World) -> None:
    ann = console("ann")
    ann.http.put("/presence", json={"state": "available"})
    token = ann.http.cookies[SESSION_COOKIE]
    assert ann.http.delete("/session").status_code == 204
    ann.http.cookies.set(SESSION_COOKIE, token)
    assert ann.http.get("/session").status_code == 401
    assert console("boss").get("/duty")["desks"][0]["seats"][0]["a"]["state"] == "offline"


def test_a_second_sign_in_does_not_take_a_person_from_work(console: Open) -> None:
    console("ann").http.put("/presence", json={"state": "available"})
    assert console("ann").get("/session")["presence"]["state"] == "available"


def test_a_session_ends_by_its_age(console: Open, clock: FixedClock) -> None:
    ann = console("ann")
    clock.advance(timedelta(hours=12, seconds=1))
    assert ann.http.get("/session").status_code == 401


def test_a_deactivated_person_is_out_at_once(console: Open, world: World) -> None:
    cid = console("cid")
    assert console("admin").post(f"/people/{world.ids['cid']}/deactivate").status_code == 204
    assert cid.http.get("/session").status_code == 401
    assert code_of(cid.sign_in("cid")) == "login.wrong"
