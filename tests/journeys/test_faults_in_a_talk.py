"""Database, Redis, and two people at once: what a fault in a talk costs, on both lines alike.

Each line meets one kind of database here; the services meet both in tests of their own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.demo.baresip import PhoneSilent
from app.feed_nudges import FeedNudges, RedisNudges
from app.live_words import LiveWords, RedisLiveWords
from config.settings import ROOT
from ivr.domain.call import CallOutcome
from kit.net import free_port
from tests.contracts.browser_talk import BrowserPerson
from tests.contracts.eventually import eventually
from tests.journeys.conftest import Hotline
from tests.journeys.living_line import (
    AGENT_HZ,
    CITIZEN_HZ,
    LivingLine,
    Somebody,
    asterisk_line,
    books_away,
    embedded_line,
    living,
)
from tests.support.asterisk import Asterisk
from tests.support.browser_page import LineStage, browser_line, browser_page
from ticketing.domain.assignment import MissReason
from ticketing.domain.seat_call import SeatCallStatus, WrapUpCode
from ticketing.models import TextSource, Ticket
from ticketing.seat_call_models import SeatCall

S = SeatCallStatus
on_both_lines = pytest.mark.parametrize(
    ("line_kind", "database_url"),
    [("embedded", "sqlite"), ("asterisk", "postgres")],
    indirect=["database_url"],
    ids=["embedded", "asterisk"],
)


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """The shipped policy, but a phone rings for a moment only."""
    shipped = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    assert "call_accept_s = 20.0" in shipped
    changed = tmp_path / "policy.toml"
    changed.write_text(shipped.replace("call_accept_s = 20.0", "call_accept_s = 3.0"), encoding="utf-8")
    return changed


@asynccontextmanager
async def line_of(
    kind: str,
    hotline: Hotline,
    folder: Path,
    request: pytest.FixtureRequest,
    *,
    nudges: FeedNudges | None = None,
    words: LiveWords | None = None,
) -> AsyncIterator[tuple[LivingLine, LineStage]]:
    """The line, and the browsers beside it."""
    asterisk: Asterisk | None = request.getfixturevalue("asterisk") if kind == "asterisk" else None
    line = asterisk_line(asterisk.config()) if asterisk is not None else embedded_line()
    async with (
        browser_line(line.clock, resume_within_s=0.5) as browsers,
        living(
            hotline, line, folder, sip_port=asterisk.sip_port if asterisk else 0,
            nudges=nudges, words=words, browsers=browsers,
        ) as house,
    ):  # fmt: skip
        yield house, browsers
    if asterisk is not None:
        assert await asyncio.to_thread(asterisk.left_behind) == []


@on_both_lines
async def test_with_the_books_away_people_talk_on_and_the_record_catches_up(
    hotline: Hotline, line_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    services = hotline.services
    async with line_of(line_kind, hotline, tmp_path, request) as (house, _):
        citizen, agent = await house.talking()
        with books_away(services.db):
            assert await agent.person.hears(CITIZEN_HZ)
            assert await citizen.person.hears(AGENT_HZ)
            await citizen.phone.hang_up()
            await agent.phone.wait_for("CALL_CLOSED", timeout_s=8)
            await house.until_over()
            hotline.scheduler.tick()
        assert house.outcomes() == [None]
        assert house.statuses() == [S.TALKING], "nobody could write down that it is over"
        hotline.pass_time()
        assert house.outcomes() == [CallOutcome.TALKED]
        (recording,) = house.recordings()
        assert (recording.channels, recording.is_partial) == (2, False)
        for _ in range(30):  # the process does not claim this talk any more, so it ages
            hotline.pass_time()
        assert house.statuses() == [S.WRAP_UP]
    mine = services.seat_calls.call_of(hotline.a)
    assert mine is not None
    with books_away(services.db), pytest.raises(OperationalError):
        services.seat_calls.wrap_up(mine.call_id, hotline.a, WrapUpCode.TICKET)
    services.seat_calls.wrap_up(mine.call_id, hotline.a, WrapUpCode.TICKET)
    await asyncio.to_thread(hotline.work)
    with services.db.reading() as session:
        (ticket,) = session.scalars(select(Ticket))
    assert (ticket.text_source, ticket.holder_person_id) == (TextSource.TRANSCRIPT, hotline.a)


@on_both_lines
async def test_with_redis_away_a_call_finds_its_person_and_becomes_a_ticket(
    hotline: Hotline, line_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}"
    hotline.queue.is_away = True
    nudges, words = RedisNudges(nowhere), RedisLiveWords(nowhere)
    async with line_of(line_kind, hotline, tmp_path, request, nudges=nudges, words=words) as (house, _):
        citizen, agent = await house.talking()
        await agent.phone.hang_up()
        await citizen.phone.wait_for("CALL_CLOSED", timeout_s=15)
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])
    hotline.queue.is_away = False
    hotline.pass_time()
    await asyncio.to_thread(hotline.work)
    with hotline.services.db.reading() as session:
        (ticket,) = session.scalars(select(Ticket))
    assert ticket.text_source is TextSource.TRANSCRIPT


@on_both_lines
async def test_a_pick_up_in_the_instant_of_the_hang_up_leaves_nobody_on_a_dead_line(
    hotline: Hotline, line_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A little before, at once, and a little after."""
    services = hotline.services
    async with line_of(line_kind, hotline, tmp_path, request) as (house, _):
        agent = await house.seat(hotline.a)
        for number, ahead_s in (("13900000011", 0.03), ("13900000012", 0.0), ("13900000013", -0.03)):
            citizen = await house.citizen(number)
            await agent.phone.wait_for("CALL_INCOMING", timeout_s=8)
            await asyncio.gather(
                _after(max(0.0, -ahead_s), agent.phone._send("accept", "")),
                _after(max(0.0, ahead_s), citizen.phone.hang_up()),
            )
            await agent.phone.wait_for("CALL_CLOSED", timeout_s=8)
            await house.until_over()
            mine = services.seat_calls.call_of(hotline.a)
            if mine is not None:  # he was faster
                services.seat_calls.wrap_up(mine.call_id, hotline.a, WrapUpCode.NOTHING_SAID)
        assert services.duty.is_available(hotline.a)
        assert set(house.statuses()) <= {S.DONE, S.ABANDONED}
    hotline.pass_time()
    owned = {task.call_id for task in house.tasks()}
    for call in house.calls():
        assert call.outcome is CallOutcome.TALKED or call.id in owned, "no call without somebody who owns it"
    assert len(house.calls()) == 3


async def _after(seconds: float, act: Awaitable[None]) -> None:
    await asyncio.sleep(seconds)
    await act


@on_both_lines
async def test_of_two_who_pick_up_at_once_one_has_the_caller_and_the_other_is_free(
    hotline: Hotline, line_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ann picks up in the instant in which her time is over and Ben's phone rings."""
    services = hotline.services
    async with line_of(line_kind, hotline, tmp_path, request) as (house, _):
        ann, ben = await house.seat(hotline.a), await house.seat(hotline.b)
        citizen = await house.citizen()
        await ann.phone.wait_for("CALL_INCOMING", timeout_s=8)
        picking_up = [
            asyncio.create_task(_after(2.95, ann.phone._send("accept", ""))),
            asyncio.create_task(_pick_up_if_it_rings(ben)),
        ]
        await house.until(S.TALKING)
        with services.db.reading() as session:
            holder = session.scalars(select(SeatCall.person_id)).one()
        loser, other = (ben, hotline.b) if holder == hotline.a else (ann, hotline.a)
        if loser is ann:
            await ann.phone.wait_for("CALL_CLOSED", timeout_s=8)
        await citizen.person.hum(CITIZEN_HZ)
        winner = ann if loser is ben else ben
        assert await winner.person.hears(CITIZEN_HZ)
        assert services.seat_calls.call_of(other) is None
        await citizen.phone.hang_up()
        await house.until_over()
        for each in picking_up:
            each.cancel()
        await asyncio.gather(*picking_up, return_exceptions=True)
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])
    await eventually(lambda: services.seat_calls.call_of(holder or "") is not None)


async def _pick_up_if_it_rings(somebody: Somebody) -> None:
    try:
        await somebody.phone.pick_up(6)
    except PhoneSilent:
        return


@on_both_lines
async def test_a_browser_seat_that_is_lost_rings_in_another_tab_comes_back_and_is_replaced_when_it_does_not(
    hotline: Hotline, line_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ann's second tab is opened while it rings, a third one in the talk; her network goes, comes back, and goes."""
    services = hotline.services
    async with line_of(line_kind, hotline, tmp_path, request) as (house, browsers), browser_page(browsers) as first:
        token = partial(browsers.token, person_id=hotline.a)
        await first.say_hello(token())
        await first.text("registered")
        services.duty.set_phone(hotline.a, f"browser:{hotline.a}")
        citizen = await house.citizen()
        await first.text("ring")
        async with browser_page(browsers) as second, browser_page(browsers) as third:
            await second.say_hello(token())
            await first.text("taken_over")
            await second.send("answer", call_id=(await second.text("ring"))["call_id"])
            await house.until(S.TALKING)
            await citizen.person.hum(CITIZEN_HZ)
            assert await BrowserPerson(second).hears(CITIZEN_HZ)
            await third.say_hello(token())
            taken = await third.text("answered")
            assert await BrowserPerson(third).hears(CITIZEN_HZ)
            third.vanish()
            async with browser_page(browsers) as back:
                await back.send("resume", call_id=taken["call_id"], secret=taken["secret"])
                await BrowserPerson(back).hum(AGENT_HZ)
                assert await citizen.person.hears(AGENT_HZ)
                assert await BrowserPerson(back).hears(CITIZEN_HZ)
                back.vanish()  # and nobody comes back
                other = await house.seat(hotline.b)
                await other.phone.pick_up(8)
        await other.person.hum(AGENT_HZ + 300)
        assert await citizen.person.hears(AGENT_HZ + 300)
        presence = services.duty.presence(hotline.a)
        assert presence is not None
        assert presence.away_reason is MissReason.LEFT
        await citizen.phone.hang_up()
        await house.until_over()
        assert (house.outcomes(), house.statuses()) == ([CallOutcome.TALKED], [S.WRAP_UP])
        assert len(house.recordings()) == 1
