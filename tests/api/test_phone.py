"""The way to the browser line: who gets a token, for which page, how often, and what the page's policy then allows."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from app.phone_tokens import PhoneTokens
from app.web import create_app
from ivr.domain.phone_token import PhoneToken
from tests.api.world import ONE_DATABASE, Console, World, web_server

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


@pytest.fixture
def read(world: World) -> Callable[[httpx.Response], PhoneToken]:
    tokens = PhoneTokens(world.services.settings, world.clock)
    return lambda answer: tokens.read(answer.json()["token"])


@contextmanager
def serving(world: World, **changes: object) -> Iterator[str]:
    """The web process with other settings."""
    settings = world.services.settings.model_copy(update=changes)
    with web_server(create_app(dataclasses.replace(world.services, settings=settings))) as url:
        yield url


def test_anybody_gets_a_token_for_one_anonymous_call_from_this_page(
    console: Open, read: Callable[[httpx.Response], PhoneToken]
) -> None:
    citizen = console("")
    answer = citizen.post("/web-calls")
    token = read(answer)
    assert (token.person_id, token.caller, token.origin, token.address) == ("", "anonymous", citizen.url, "127.0.0.1")
    assert answer.json()["address"] == "ws://127.0.0.1:8015/phone"
    assert read(citizen.post("/web-calls")).serial != token.serial


def test_a_signed_in_person_gets_a_token_for_his_own_phone(
    console: Open, world: World, read: Callable[[httpx.Response], PhoneToken]
) -> None:
    assert read(console("ann").post("/me/phone-token")).person_id == world.ids["ann"]
    assert console("").post("/me/phone-token").json()["code"] == "session.missing"


def test_a_page_of_another_site_gets_none(console: Open) -> None:
    refused = console("").http.post("/web-calls", headers={"Origin": "https://elsewhere.test"})
    assert (refused.status_code, refused.json()["code"]) == (403, "request.wrong_origin")


def test_an_address_may_call_six_times_a_minute(console: Open) -> None:
    citizen = console("")
    assert [citizen.post("/web-calls").status_code for _ in range(7)] == [200] * 6 + [429]
    refused = citizen.post("/web-calls")
    assert refused.json()["code"] == "web_call.too_many"
    assert 0 < int(refused.headers["Retry-After"]) <= 61


def test_a_hotline_that_takes_no_web_calls_says_so(world: World) -> None:
    with serving(world, browser_calls=0) as url:
        refused = httpx.post(f"{url}/api/v1/web-calls")
    assert (refused.status_code, refused.json()["code"]) == (403, "web_call.closed")


def test_the_page_may_use_the_microphone_and_connect_to_the_line_and_nowhere_else(console: Open) -> None:
    headers = console("").http.get("/health/live").headers
    assert "connect-src 'self' ws://127.0.0.1:8015;" in headers["content-security-policy"]
    assert "microphone=(self)" in headers["permissions-policy"]
