"""What the browser line does with garbage, floods, strangers and full houses."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from ivr.adapters.counters import Count
from ivr.domain.errors import CallerHungUp
from ivr.ports import Clip
from tests.contracts.eventually import eventually
from tests.contracts.sounds import write_tone
from tests.support.browser_page import browser_line, browser_page

# ---- before anybody is known


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ({}, ""),
        ({"expires_at": time.time() - 1}, "phone.token_wrong"),
        ({"origin": "https://elsewhere.test"}, "phone.origin_wrong"),
    ],
)
async def test_a_token_is_good_for_the_page_that_asked_and_for_a_short_time(token: dict[str, Any], reason: str) -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await page.say_hello(stage.token(**token))
        if not reason:
            assert (await page.text("calling"))["call_id"]
            return
        assert (await page.text("refused"))["reason"] == reason
        assert await page.closing() == (4403, reason)
        assert stage.line.counters[Count.BROWSERS_REFUSED] == 1


@pytest.mark.parametrize("token", ["", "x", "a.b", "é.ü", "\ud800", "A" * 2000])
async def test_what_is_no_token_is_refused(token: str) -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await page.say_hello(token)
        assert await page.closing() == (4403, "phone.token_wrong")


async def test_a_token_is_good_once() -> None:
    async with browser_line() as stage, browser_page(stage) as first, browser_page(stage) as second:
        token = stage.token()
        await first.say_hello(token)
        await first.text("calling")
        await second.say_hello(token)
        assert await second.closing() == (4403, "phone.token_used")


GARBAGE = {
    "no JSON": ("{", 4400, "phone.malformed"),
    "deep JSON": ("[" * 1500, 4400, "phone.malformed"),
    "no object": ("[1]", 4400, "phone.malformed"),
    "another word": ('{"type": "sing"}', 4400, "phone.malformed"),
    "a type that is no text": ('{"type": ["hello"], "call_id": "x"}', 4400, "phone.malformed"),
    "no token": ('{"type": "hello"}', 4400, "phone.malformed"),
    "not hello": ('{"type": "hang_up"}', 4400, "phone.no_hello"),
    "a frame first": (bytes(320), 4400, "phone.no_hello"),
    "half a frame": (bytes(160), 4400, "phone.malformed"),
    "an empty frame": (b"", 4400, "phone.malformed"),
    "too long": ('{"type": "hello", "token": "%s"}' % ("x" * 3000), 4400, "phone.malformed"),
    "far too long": ("x" * 9000, 1009, None),
    "a call of another": ('{"type": "resume", "call_id": "x", "secret": "y"}', 4403, "phone.call_gone"),
}


@pytest.mark.parametrize(("sent", "code", "reason"), list(GARBAGE.values()), ids=list(GARBAGE))
async def test_garbage_instead_of_a_hello_is_told_and_closed(sent: str | bytes, code: int, reason: str | None) -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await page.connection.send(sent)
        closed = await page.closing()
        assert closed[0] == code
        assert reason is None or closed[1] == reason
        assert stage.line.live_calls == ()


async def test_who_says_nothing_is_left_and_a_crowd_of_them_is_not_let_in() -> None:
    async with (
        browser_line(hello_within_s=0.3, most_strangers=2) as stage,
        browser_page(stage) as first,
        browser_page(stage) as second,
    ):
        with pytest.raises(InvalidStatus) as refused:
            await connect(stage.url)
        assert refused.value.response.status_code == 503
        assert await first.closing() == (4408, "phone.no_hello")
        await second.closing()
        async with browser_page(stage) as third:
            await third.say_hello(stage.token())
            await third.text("calling")


async def test_another_path_is_not_found_and_connections_have_a_limit() -> None:
    async with browser_line(most_sockets=1) as stage:
        with pytest.raises(InvalidStatus) as refused:
            await connect(stage.url.replace("/phone", "/feed"))
        assert refused.value.response.status_code == 404
        async with browser_page(stage):
            with pytest.raises((InvalidMessage, ConnectionError)):
                await connect(stage.url)
        await eventually(lambda: not stage.line.live_calls)
        async with browser_page(stage) as page:
            await page.say_hello(stage.token())
            await page.text("calling")


async def test_bytes_that_are_no_http_do_not_disturb_a_live_call() -> None:
    async with browser_line(hello_within_s=0.3) as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        for garbage in (b"\0" * 2000, b"GET\r\n\r\n", b"INVITE sip:1 SIP/2.0\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", stage.line.port)
            writer.write(garbage)
            await asyncio.wait_for(reader.read(), 8)
            writer.close()
        await page.press("5")
        assert await call.read_digit(3) == "5"


# ---- room


async def test_the_house_is_full_and_an_address_has_its_share() -> None:
    async with (
        browser_line(max_citizens=2, calls_per_address=1) as stage,
        browser_page(stage) as first,
        browser_page(stage) as same,
        browser_page(stage) as other,
        browser_page(stage) as late,
    ):
        await first.say_hello(stage.token(address="192.0.2.1"))
        await first.text("calling")
        await same.say_hello(stage.token(address="192.0.2.1"))
        assert await same.closing() == (4503, "phone.too_many_calls")
        await other.say_hello(stage.token(address="192.0.2.2"))
        await other.text("calling")
        await late.say_hello(stage.token(address="192.0.2.3"))
        assert await late.closing() == (4503, "phone.full")
        await first.hang_up()
        assert await first.closing() == (1000, "phone.call_ended")
        async with browser_page(stage) as again:
            await again.say_hello(stage.token(address="192.0.2.3"))
            await again.text("calling")


# ---- in a call


@pytest.mark.parametrize(
    "sent", [b"\0" * 321, "{", '{"type": "digit", "digit": "12"}', '{"type": "digit", "digit": ""}']
)
async def test_garbage_in_a_call_costs_the_socket_and_the_call_only_if_nobody_returns(sent: str | bytes) -> None:
    async with browser_line(resume_within_s=0.2) as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        await page.connection.send(sent)
        assert await page.closing() == (4400, "phone.malformed")
        with pytest.raises(CallerHungUp):
            await call.read_digit(5)
        assert call.end_cause == "network_lost"


@pytest.mark.parametrize(("message", "times"), [(bytes(320), 700), ('{"type": "ping", "number": 1}', 60)])
async def test_a_flood_is_cut_off(message: str | bytes, times: int) -> None:
    async with browser_line(resume_within_s=0.1) as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        await stage.next_call()
        with suppress(ConnectionClosed):  # possibly before the last of them
            for _ in range(times):
                await page.connection.send(message)
        assert await page.closing() == (4429, "phone.flood")
        assert stage.line.counters[Count.BROWSERS_FLOODING] == 1


async def test_a_ping_is_answered_and_keys_count_in_their_order() -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        await page.send("ping", number=7)
        assert (await page.text("pong"))["number"] == 7
        for key in "1*#0":
            await page.press(key)
        assert [await call.read_digit(3) for _ in range(4)] == ["1", "*", "#", "0"]


async def test_the_page_hears_the_prompt_whole_and_is_told_when_the_line_speaks(tmp_path: Path) -> None:
    prompt = Clip("prompt", write_tone(tmp_path / "prompt.wav", seconds=0.6))
    async with browser_line() as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        await page.text("answered")
        assert await call.play([prompt]) is None
        assert (await page.text("sound"))["on"] is True
        assert (await page.text("sound"))["on"] is False
        assert bytes(page.heard) == prompt.path.read_bytes()[44:]


async def test_a_page_that_sends_no_sound_is_ended_by_the_watchdog() -> None:
    async with browser_line(dead_media_s=0.2) as stage, browser_page(stage) as page:
        page.is_silent = True
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        with pytest.raises(CallerHungUp):
            await call.read_digit(5)
        assert call.end_cause == "dead_media"
        assert (await page.text("ended"))["cause"] == "dead_media"
