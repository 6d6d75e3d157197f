"""Two people talk inside a real Asterisk, our process is killed or stopped: they go on, and one whole call is filed."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from app.demo.baresip import baresip_phone, phone_ports
from callbacks.domain.lifecycle import CallbackKind
from callbacks.models import CallbackTask
from ivr.adapters.asterisk import AsteriskLine
from ivr.domain.call import CallDirection, CallOutcome
from ivr.domain.call_record import CallStart
from ivr.domain.conversation import Side
from ivr.domain.menu import Wish
from ivr.domain.policy import WaitingPolicy
from ivr.journal import CallJournal
from ivr.models import Call, Recording
from ivr.ports import SOUND_ELSEWHERE, CallControl, Listener
from ivr.scripts.found_talk import run_found_talk
from ivr.scripts.inbound import serve, talk
from ivr.scripts.inbound_line import InboundLine, InboundTools
from ivr.seat_ports import SeatOffer, SeatOrder, SeatOrderKind, SeatTools, TalkState
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_wav
from tests.contracts.talk_rigs import BaresipPerson
from tests.integration.asterisk.conftest import die
from tests.journeys.conftest import CITIZEN, Hotline
from tests.support.asterisk import MUSIC_HZ, Asterisk
from tests.support.listeners import ScriptedListener, deaf, said
from tests.support.phone_stage import POLICY, ScriptedDesk, words_of_danger
from tests.support.seat_exchange import ScriptedExchange

CITIZEN_HZ, AGENT_HZ = 700.0, 1300.0


def _filed(hotline: Hotline) -> tuple[list[Call], list[Recording]]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(Call))), list(session.scalars(select(Recording)))


def _talking(hotline: Hotline, call_id: str) -> Path:
    """A journal as the script leaves it when its process dies in a talk; returns the talk's folder."""
    services = hotline.services
    start = CallStart(call_id, CallDirection.INBOUND, "12345", f"+86{CITIZEN}", services.clock.now())
    journal = services.ivr.open_journal(start)
    now = services.clock.now()
    journal.note(replace(journal.record, answered_at=now, wish=Wish.AGENT, talk_started_at=now, person_id=hotline.a))
    folder = journal.talk_folder
    assert folder is not None
    journal.close()
    return folder


class Seats(ScriptedExchange):
    """One person with one telephone, who gives his orders when the test does."""

    def __init__(self, person_id: str, *phones: str) -> None:
        super().__init__(*phones)
        self.given: asyncio.Queue[SeatOrder] = asyncio.Queue()
        self._person_id = person_id

    async def next_offer(self, call_id: str) -> SeatOffer:
        return replace(await super().next_offer(call_id), person_id=self._person_id, rings_for_s=8)

    async def next_order(self, call_id: str) -> SeatOrder:
        return await self.given.get()

    async def does(self, kind: SeatOrderKind, shows: Callable[[TalkState], bool]) -> None:
        self.given.put_nowait(SeatOrder(kind))
        await eventually(lambda: bool(self.states) and shows(self.states[-1]))


@dataclass
class TelephonyProcess:
    """A line with the scripts, as app/telephony.py puts them together."""

    line: AsteriskLine
    seats: Seats
    journals: list[CallJournal]

    async def start(self) -> None:
        await self.line.start()
        await asyncio.wait_for(self.line.connected.wait(), 8)

    async def die(self) -> None:
        """As a kill: also its locks are gone."""
        await die(self.line)
        for journal in self.journals:
            journal.close()


def _process(hotline: Hotline, asterisk: Asterisk, seats: Seats, listener: Listener) -> TelephonyProcess:
    line = AsteriskLine(asterisk.config())
    journals: list[CallJournal] = []
    tools = SeatTools(
        seats, line.dialler, line.switchboard, WaitingPolicy(announce_every_s=600, limit_s=600, talk_max_s=60)
    )
    inbound = InboundTools(
        hotline.services.ivr, hotline.prompts, ScriptedDesk(), hotline.clock, POLICY, listener, words_of_danger, tools
    )

    async def serve_call(call: CallControl) -> None:
        inbound_line = await InboundLine.open(call, inbound)
        journals.append(inbound_line.journal)
        await serve(inbound_line, talk)

    line.on_call = serve_call
    line.on_talk = lambda found: run_found_talk(found, inbound, tools)
    return TelephonyProcess(line, seats, journals)


@dataclass
class Scene:
    citizen: BaresipPerson
    agent: BaresipPerson
    first: TelephonyProcess
    second: TelephonyProcess


@asynccontextmanager
async def _two_who_talk(hotline: Hotline, asterisk: Asterisk, folder: Path) -> AsyncIterator[Scene]:
    """Who pressed 0 and who picked up, in the first process; the second one is not there yet."""
    silence = write_wav(folder / "silence.wav", tone(60, amplitude=0))
    ports = phone_ports()
    async with (
        baresip_phone(folder / "citizen", phone_ports(), number=CITIZEN, silence=silence) as outside,
        baresip_phone(folder / "seat", ports, number="801", silence=silence) as inside,
    ):
        first = _process(hotline, asterisk, Seats(hotline.a, f"sip:801@127.0.0.1:{ports.sip}"), deaf())
        heard = ScriptedListener([said("喂")], [said("路灯")], ends=False)
        second = _process(hotline, asterisk, Seats(hotline.a), heard)
        await first.start()
        await outside.dial(f"sip:12345@127.0.0.1:{asterisk.sip_port}")
        await outside.wait_for("CALL_ESTABLISHED", timeout_s=8)
        citizen, agent = BaresipPerson(outside, folder / "citizen"), BaresipPerson(inside, folder / "seat")
        picking_up = asyncio.create_task(inside.pick_up(8))
        await outside.press("0")
        await picking_up
        await citizen.hum(CITIZEN_HZ)
        await agent.hum(AGENT_HZ)
        assert await citizen.hears(AGENT_HZ)
        assert await agent.hears(CITIZEN_HZ)
        await eventually(lambda: any(state.is_recording for state in first.seats.states))
        yield Scene(citizen, agent, first, second)
        await second.line.stop()
        await first.line.stop()
    assert await asyncio.to_thread(asterisk.left_behind) == []


async def test_a_talk_whose_process_is_killed_goes_on_obeys_and_is_filed_once_and_whole(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    clock = asyncio.get_running_loop()
    async with _two_who_talk(hotline, asterisk, tmp_path) as scene:
        began_at = clock.time()
        await scene.first.die()
        (going_on,) = hotline.services.ivr.going_on()
        hotline.scheduler.tick()
        (living,), recordings = _filed(hotline)
        assert (living.outcome, recordings) == (None, []), "it goes on: nobody may file it now"
        assert await scene.citizen.hears(AGENT_HZ)
        await scene.second.start()
        seats = scene.second.seats
        await eventually(lambda: bool(seats.states))
        assert seats.told == [f"went_on {hotline.a}"]
        await eventually(lambda: {side for side, _ in seats.words} == {Side.AGENT, Side.CITIZEN})
        await seats.does(SeatOrderKind.HOLD, lambda state: state.is_held)
        assert await scene.citizen.hears(MUSIC_HZ)
        await seats.does(SeatOrderKind.RESUME, lambda state: not state.is_held)
        assert await scene.citizen.hears(AGENT_HZ)
        await seats.does(SeatOrderKind.MUTE, lambda state: state.is_muted)
        assert await scene.citizen.hears_no_more(AGENT_HZ)
        await seats.does(SeatOrderKind.UNMUTE, lambda state: not state.is_muted)
        talked_s = clock.time() - began_at
        await scene.citizen.hang_up()
        await eventually(lambda: bool(_filed(hotline)[1]))
        assert seats.told[1:] == ["left", "ended"]
    (call,), (recording,) = _filed(hotline)
    assert (call.id, call.outcome, call.person_id, call.cause) == (going_on, CallOutcome.TALKED, hotline.a, "bye")
    assert (recording.channels, recording.is_partial) == (2, False)
    assert recording.duration_ms > talked_s * 1000 - 500, "the whole length, also the time without us"


async def test_a_polite_stop_leaves_a_talk_as_it_stands_to_the_next_process(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    async with _two_who_talk(hotline, asterisk, tmp_path) as scene:
        before = scene.first.seats
        await before.does(SeatOrderKind.PAUSE_RECORDING, lambda state: state.is_recording_paused)
        await before.does(SeatOrderKind.HOLD, lambda state: state.is_held)
        assert await scene.citizen.hears(MUSIC_HZ)
        await scene.first.line.stop()
        assert "ended" not in before.told
        assert len(hotline.services.ivr.going_on()) == 1
        assert await scene.citizen.hears(MUSIC_HZ)
        await scene.second.start()
        seats = scene.second.seats
        await eventually(lambda: bool(seats.states))
        assert (seats.states[-1].is_held, seats.states[-1].is_recording_paused) == (True, True)
        await seats.does(SeatOrderKind.RESUME, lambda state: not state.is_held)
        await seats.does(SeatOrderKind.RESUME_RECORDING, lambda state: not state.is_recording_paused)
        assert await scene.citizen.hears(AGENT_HZ)
        seats.given.put_nowait(SeatOrder(SeatOrderKind.HANG_UP))
        await eventually(lambda: bool(_filed(hotline)[1]))
    (call,), (recording,) = _filed(hotline)
    assert (call.outcome, recording.is_partial) == (CallOutcome.TALKED, False)


async def test_a_person_whose_telephone_died_with_the_process_costs_the_caller_no_place(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    async with _two_who_talk(hotline, asterisk, tmp_path) as scene:
        await scene.first.die()
        await scene.agent.hang_up()
        assert await scene.citizen.hears_no_more(AGENT_HZ)
        await scene.second.start()
        await eventually(lambda: "requeue" in scene.second.seats.told)
        assert len(scene.second.line.live_calls) == 1, "he is still there"
        await scene.citizen.hang_up()
        await eventually(lambda: bool(_filed(hotline)[1]))
    (call,), _ = _filed(hotline)
    assert call.outcome is CallOutcome.TALKED


async def test_who_hung_up_while_nobody_looked_is_filed_with_what_was_recorded(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    async with _two_who_talk(hotline, asterisk, tmp_path) as scene:
        await scene.first.die()
        await scene.citizen.hang_up()
        assert await scene.agent.hears_no_more(CITIZEN_HZ)
        await scene.second.start()
        await eventually(lambda: bool(_filed(hotline)[1]))
        assert scene.second.seats.told[-2:] == ["left", "ended"]
    (call,), (recording,) = _filed(hotline)
    assert (call.outcome, call.cause, recording.is_partial) == (CallOutcome.TALKED, "bye", False)


async def test_who_is_in_the_menu_when_we_stop_may_leave_a_message(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path
) -> None:
    silence = write_wav(tmp_path / "silence.wav", tone(60, amplitude=0))
    async with baresip_phone(tmp_path / "citizen", phone_ports(), number=CITIZEN, silence=silence) as outside:
        process = _process(hotline, asterisk, Seats(hotline.a), deaf())
        await process.start()
        await outside.dial(f"sip:12345@127.0.0.1:{asterisk.sip_port}")
        await outside.wait_for("CALL_ESTABLISHED", timeout_s=8)
        await process.line.stop()
        await eventually(lambda: any(asterisk.away.glob("*.wav")))
        await outside.hang_up()
        await eventually(lambda: any(asterisk.away.glob("*.done")))
    (call,), _ = _filed(hotline)
    assert (call.outcome, call.cause) == (CallOutcome.MISSED, "stopped")
    for each in asterisk.away.iterdir():
        each.unlink()


def test_of_a_talk_that_nobody_ever_fetched_no_sound_is_left_and_its_caller_is_called_back(hotline: Hotline) -> None:
    folder = _talking(hotline, "call1")
    folder.mkdir()
    marker = folder / SOUND_ELSEWHERE
    marker.touch()
    assert hotline.services.ivr.file_left_behind() == 0
    hours_ago = marker.stat().st_mtime - timedelta(hours=5).total_seconds()
    os.utime(marker, (hours_ago, hours_ago))
    assert hotline.services.ivr.file_left_behind() == 1
    (call,), recordings = _filed(hotline)
    assert (call.outcome, recordings) == (CallOutcome.CALLBACK_REQUESTED, [])
    with hotline.services.db.reading() as session:
        (task,) = session.scalars(select(CallbackTask))
    assert (task.kind, task.call_id) == (CallbackKind.REQUESTED, call.id)
