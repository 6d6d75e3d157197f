"""A browser's call outlives its network for a while; a seat's phone rings, moves to another tab, and comes back."""

import asyncio
from pathlib import Path

import pytest

from ivr.adapters.counters import Count
from ivr.domain.errors import CallerHungUp
from ivr.ports import DialFailed, DialFailure, RecordEnd
from kit.ids import new_id
from tests.contracts.eventually import eventually
from tests.contracts.sounds import write_tone
from tests.support.browser_page import BrowserPage, LineStage, browser_line, browser_page

PERSON = new_id()
SEAT = f"browser:{PERSON}"


async def registered(stage: LineStage, page: BrowserPage) -> None:
    await page.say_hello(stage.token(person_id=PERSON))
    await page.text("registered")


# ---- the network goes away


async def test_a_call_survives_a_lost_network_and_its_recording_holds_both_halves(tmp_path: Path) -> None:
    tone = write_tone(tmp_path / "tone.wav", seconds=0.5)
    async with browser_line() as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        state = await page.text("answered")
        recording = asyncio.create_task(call.record(tmp_path / "message.wav", max_s=20, stop_on="#"))
        await page.speak(tone)
        await eventually(lambda: page.has_said_all)
        page.vanish()
        async with browser_page(stage) as again:
            await again.send("resume", call_id=state["call_id"], secret=state["secret"])
            assert (await again.text("answered"))["call_id"] == state["call_id"]
            await again.speak(tone)
            await eventually(lambda: again.has_said_all)
            await again.press("#")
            recorded = await asyncio.wait_for(recording, 8)
        assert recorded.ended_by is RecordEnd.DIGIT
        assert 900 <= recorded.speech_ms <= 1150
        assert stage.line.counters[Count.BROWSERS_LOST] == 1


async def test_a_network_that_does_not_come_back_ends_the_call_and_keeps_what_was_said(tmp_path: Path) -> None:
    async with browser_line(resume_within_s=0.3) as stage, browser_page(stage) as page:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        state = await page.text("answered")
        page.vanish()
        recorded = await call.record(tmp_path / "message.wav", max_s=20)
        assert (recorded.ended_by, call.end_cause) == (RecordEnd.HANGUP, "network_lost")
        async with browser_page(stage) as again:
            await again.send("resume", call_id=state["call_id"], secret=state["secret"])
            assert await again.closing() == (4403, "phone.call_gone")


async def test_nobody_comes_back_to_a_call_with_a_wrong_secret() -> None:
    async with browser_line() as stage, browser_page(stage) as page, browser_page(stage) as stranger:
        await page.say_hello(stage.token())
        call_id = (await page.text("calling"))["call_id"]
        await stranger.send("resume", call_id=call_id, secret="\ud800")
        assert await stranger.closing() == (4403, "phone.call_gone")
        assert (await stage.next_call()).end_cause is None


async def test_a_page_that_comes_back_before_its_old_socket_broke_takes_its_place() -> None:
    async with browser_line() as stage, browser_page(stage) as page, browser_page(stage) as again:
        await page.say_hello(stage.token())
        call = await stage.next_call()
        await call.answer()
        state = await page.text("answered")
        await again.send("resume", call_id=state["call_id"], secret=state["secret"])
        assert await page.closing() == (4409, "phone.taken_over")
        await again.press("3")
        assert await call.read_digit(3) == "3"


# ---- phones of seats


async def test_a_phone_rings_with_what_may_be_shown_and_speaks_after_the_answer() -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        stage.line.dialler.facts_of = lambda person_id: {"caller": "139****0001"}
        await registered(stage, page)
        dialling = asyncio.create_task(stage.line.dialler.dial(SEAT, call_id="call1", ring_timeout_s=5))
        ring = await page.text("ring")
        assert (ring["call_id"], ring["caller"]) == ("call1", "139****0001")
        await page.send("answer", call_id="another")
        await page.send("answer", call_id="call1")
        call = await asyncio.wait_for(dialling, 8)
        assert (await page.text("answered"))["call_id"] == "call1"
        await page.hang_up()
        with pytest.raises(CallerHungUp):
            await call.read_digit(3)
        assert (await page.text("ended"))["cause"] == "bye"
        assert stage.line.is_registered(PERSON)


async def test_a_call_that_is_withdrawn_stops_ringing_and_a_late_answer_is_told() -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await registered(stage, page)
        dialling = asyncio.create_task(stage.line.dialler.dial(SEAT, call_id="call1", ring_timeout_s=5))
        await page.text("ring")
        dialling.cancel()
        assert (await page.text("stop_ringing"))["cause"] == "cancel"
        await page.send("answer", call_id="call1")
        assert (await page.text("ended"))["cause"] == "cancel"
        assert stage.line.live_calls == ()


async def test_a_browser_that_does_not_say_that_it_rings_is_no_phone() -> None:
    async with browser_line(ring_confirmed_within_s=0.1) as stage, browser_page(stage) as page:
        await registered(stage, page)
        with pytest.raises(DialFailed) as failed:
            await stage.line.dialler.dial(SEAT, call_id="call1", ring_timeout_s=5)
        assert failed.value.failure is DialFailure.UNREACHABLE


async def test_a_browser_that_closes_while_it_rings_is_gone_at_once() -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await registered(stage, page)
        dialling = asyncio.create_task(stage.line.dialler.dial(SEAT, call_id="call1", ring_timeout_s=20))
        await page.text("ring")
        page.vanish()
        with pytest.raises(DialFailed) as failed:
            await asyncio.wait_for(dialling, 8)
        assert failed.value.failure is DialFailure.UNREACHABLE
        assert not stage.line.is_registered(PERSON)


async def test_a_second_tab_takes_over_the_phone_and_the_call_that_is_up() -> None:
    async with browser_line() as stage, browser_page(stage) as first, browser_page(stage) as second:
        await registered(stage, first)
        dialling = asyncio.create_task(stage.line.dialler.dial(SEAT, call_id="call1", ring_timeout_s=5))
        await first.text("ring")
        await registered(stage, second)
        await first.text("taken_over")
        assert await first.closing() == (4409, "phone.taken_over")
        await second.text("ring")
        await second.send("answer", call_id="call1")
        call = await asyncio.wait_for(dialling, 8)
        await second.text("answered")
        async with browser_page(stage) as third:
            await registered(stage, third)
            assert (await third.text("answered"))["call_id"] == "call1"
            await third.press("8")
            assert await call.read_digit(3) == "8"


async def test_a_seat_whose_network_was_away_comes_back_as_phone_and_to_its_call() -> None:
    async with browser_line() as stage, browser_page(stage) as page:
        await registered(stage, page)
        dialling = asyncio.create_task(stage.line.dialler.dial(SEAT, call_id="call1", ring_timeout_s=5))
        await page.text("ring")
        await page.send("answer", call_id="call1")
        call = await asyncio.wait_for(dialling, 8)
        secret = (await page.text("answered"))["secret"]
        page.vanish()
        async with browser_page(stage) as again:
            await again.send("resume", call_id="call1", secret=secret)
            await again.text("registered")
            await again.press("4")
            assert await call.read_digit(3) == "4"
            await call.hang_up()
            await again.text("ended")
            assert stage.line.is_registered(PERSON)


async def test_a_line_that_stops_says_so_to_everybody() -> None:
    async with browser_line(stop_within_s=0.2) as stage, browser_page(stage) as citizen, browser_page(stage) as seat:
        await citizen.say_hello(stage.token())
        call = await stage.next_call()
        await registered(stage, seat)
        await stage.line.stop()
        assert call.end_cause == "stopped"
        assert (await citizen.text("ended"))["cause"] == "stopped"
        assert await seat.closing() == (1001, "phone.stopped")
