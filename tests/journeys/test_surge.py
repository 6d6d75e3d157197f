"""Four times as many callers as the line holds, at once: each waits or is asked for a message; none lost or doubled."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from callbacks.models import CallbackTask
from config.settings import ROOT
from ivr.adapters.simulated import HangUp, Press, Say, StayOn
from ivr.domain.call import CallOutcome
from ivr.models import Call
from tests.journeys.conftest import Hotline
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.errors import LineFull
from ticketing.domain.seat_call import SeatCallAction, SeatCallStatus
from ticketing.models import Ticket
from ticketing.seat_call_models import SeatCall

LINE_MAX = 5
BEYOND = 3 * LINE_MAX


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    shipped = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    assert "line_max = 60" in shipped
    changed = tmp_path / "policy.toml"
    changed.write_text(shipped.replace("line_max = 60", f"line_max = {LINE_MAX}"), encoding="utf-8")
    return changed


async def test_a_surge_on_a_full_line_loses_and_doubles_nobody(hotline: Hotline) -> None:
    """The first fill the line and wait; of those beyond, a third each speaks, wants a call back, and hangs up."""
    for person in (hotline.a, hotline.b):
        hotline.services.duty.set_presence(person, PresenceState.AWAY)
    wants = Press("0", during="menu")
    beyond = [
        (wants, Press("1", during="seats_busy"), Say(3), Press("#")),
        (wants, Press("2", during="seats_busy")),
        (wants, HangUp(during="seats_busy")),
    ]
    async with hotline.people_answer({}):
        waiting = [
            asyncio.create_task(hotline.take_call(wants, StayOn(during="hold_music"), caller=_number(n)))
            for n in range(LINE_MAX)
        ]
        async with asyncio.timeout(10):
            while _statuses(hotline).total() < LINE_MAX:  # noqa: ASYNC110 - rows tell nobody when they are written
                await asyncio.sleep(0.02)
        await asyncio.gather(*(hotline.take_call(*beyond[n % 3], caller=_number(LINE_MAX + n)) for n in range(BEYOND)))
        assert _statuses(hotline) == Counter({SeatCallStatus.WAITING: LINE_MAX})
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    for _ in range(4):
        hotline.pass_time()
        await asyncio.to_thread(hotline.work)
    with hotline.services.db.reading() as session:
        outcomes = Counter(session.scalars(select(Call.outcome)))
        tickets = Counter(session.scalars(select(Ticket.caller)))
        tasks = Counter(session.scalars(select(CallbackTask.phone)))
    each = BEYOND // 3
    assert outcomes == Counter(
        {
            CallOutcome.MESSAGE_LEFT: each,
            CallOutcome.CALLBACK_REQUESTED: each,
            CallOutcome.MISSED: each + LINE_MAX,
        }
    )
    everybody = {f"+86{_number(n)}" for n in range(LINE_MAX + BEYOND)}
    assert tickets.keys() | tasks.keys() == everybody
    assert not tickets.keys() & tasks.keys()
    assert set((tickets + tasks).values()) == {1}


async def test_who_redials_keeps_his_place_in_a_full_line(hotline: Hotline) -> None:
    calls = hotline.services.seat_calls
    for n in range(LINE_MAX):
        calls.join(f"c{n}", _number(n), "telephony-1")
    calls.leave("c0", SeatCallAction.ABANDON)
    calls.join("late", _number(90), "telephony-1")
    calls.join("again", _number(0), "telephony-1")
    assert calls.place("again").number == 1
    with pytest.raises(LineFull):
        calls.join("beyond", _number(91), "telephony-1")


def _number(n: int) -> str:
    return f"139000{n:05}"


def _statuses(hotline: Hotline) -> Counter[SeatCallStatus]:
    with hotline.services.db.reading() as session:
        return Counter(session.scalars(select(SeatCall.status)))
