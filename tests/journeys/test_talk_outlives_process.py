"""Two people talk inside a real Asterisk, our process is killed: they go on, and one whole call is filed in the end."""

import asyncio
import os
import wave
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from app.demo.baresip import Baresip, PhonePorts, baresip_phone, phone_ports
from callbacks.domain.lifecycle import CallbackKind
from callbacks.models import CallbackTask
from ivr.adapters.asterisk import AsteriskLine
from ivr.domain.call import CallDirection, CallOutcome
from ivr.domain.call_record import CallStart
from ivr.domain.conversation import LegRole
from ivr.domain.menu import Wish
from ivr.models import Call, Recording
from ivr.ports import SOUND_ELSEWHERE
from ivr.scripts.found_talk import outlive
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_wav
from tests.integration.asterisk.conftest import Caught, die
from tests.journeys.conftest import CITIZEN, Hotline
from tests.support.asterisk import Asterisk
from tests.support.seat_exchange import ScriptedExchange


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


async def _recorded_talk(
    hotline: Hotline, asterisk: Asterisk, caught: Caught, citizen: Baresip, seat: Baresip, ports: PhonePorts
) -> AsteriskLine:
    """Both are on the line, and each side is recorded."""
    first = AsteriskLine(asterisk.config())
    first.on_call = caught
    await first.start()
    await asyncio.wait_for(first.connected.wait(), 8)
    await citizen.dial(f"sip:12345@127.0.0.1:{asterisk.sip_port}")
    await caught.until_up()
    picking_up = asyncio.create_task(seat.pick_up(8))
    agent = await first.dialler.dial(f"sip:801@127.0.0.1:{ports.sip}", call_id="agentleg", ring_timeout_s=8)
    await picking_up
    conversation = first.switchboard.open_conversation(caught.call.call_id)
    await conversation.join(caught.call, LegRole.CITIZEN)
    await conversation.join(agent, LegRole.AGENT)
    await conversation.start_recording(_talking(hotline, caught.call.call_id))
    return first


def _loudest(hotline: Hotline, recording: Recording) -> list[int]:
    """Of the agent's side and of the citizen's."""
    with wave.open(str(hotline.services.files.local_path(recording.file_key))) as wav:
        sides = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2).astype(int)
    return [int(np.abs(side).max()) for side in sides.T]


@pytest.mark.parametrize("goes_first", ["the citizen", "the agent, while nobody of us is there"])
async def test_the_talk_is_filed_once_and_whole_by_the_next_process(
    hotline: Hotline, asterisk: Asterisk, tmp_path: Path, goes_first: str
) -> None:
    caught = Caught()
    song = write_wav(tmp_path / "song.wav", tone(60, hertz=600))
    ports = phone_ports()
    async with AsyncExitStack() as phones:
        citizen = await phones.enter_async_context(
            baresip_phone(tmp_path / "citizen", phone_ports(), number=CITIZEN, silence=song)
        )
        seat = await phones.enter_async_context(baresip_phone(tmp_path / "seat", ports, number="801", silence=song))
        first = await _recorded_talk(hotline, asterisk, caught, citizen, seat, ports)
        await die(first)
        assert hotline.services.ivr.going_on() == {caught.call.call_id}
        hotline.scheduler.tick()
        assert _filed(hotline) == ([], []), "it goes on: nobody may file it now"

        is_agent_first = goes_first != "the citizen"
        if is_agent_first:
            await asyncio.sleep(1)  # of talk
            await seat.hang_up()
            await seat.wait_for("CALL_CLOSED", timeout_s=5)
        second = AsteriskLine(asterisk.config())
        exchange = ScriptedExchange(orders=[])
        second.on_talk = lambda talk: outlive(talk, hotline.services.ivr, hotline.services.clock, exchange)
        await second.start()
        if not is_agent_first:
            await eventually(lambda: len(second.live_calls) == 2)
            await asyncio.sleep(0.5)  # of talk
            await citizen.hang_up()
            await seat.wait_for("CALL_CLOSED", timeout_s=5)
        await eventually(lambda: bool(_filed(hotline)[1]))
        assert exchange.told == ["went_on", "ended"]
        await second.stop()
        await first.stop()
    (call,), (recording,) = _filed(hotline)
    assert (call.id, call.outcome, call.person_id) == (caught.call.call_id, CallOutcome.TALKED, hotline.a)
    assert (recording.channels, recording.is_partial) == (2, False)
    assert recording.duration_ms > 500
    assert min(_loudest(hotline, recording)) > 1000  # both are heard
    assert await asyncio.to_thread(asterisk.left_behind) == []


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
