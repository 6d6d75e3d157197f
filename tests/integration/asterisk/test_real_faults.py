"""Deaths and cuts on a real Asterisk: what the caller gets, and what is left."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.demo.baresip import Baresip, baresip_phone, phone_ports
from ivr.adapters.asterisk import AsteriskLine
from ivr.domain.conversation import LegRole
from ivr.ports import Clip
from tests.contracts.eventually import eventually
from tests.contracts.sipp_peer import sipp
from tests.contracts.sounds import read_pcm, tone, write_tone, write_wav
from tests.integration.asterisk.conftest import Caught, cut_ari, cut_sound, die
from tests.support.asterisk import Asterisk, running_asterisk


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """An Asterisk that these tests may kill."""
    with running_asterisk(tmp_path_factory.mktemp("mortal"), dead_media_s=2) as running:
        yield running


@asynccontextmanager
async def line_on(asterisk: Asterisk, script: Caught) -> AsyncIterator[AsteriskLine]:
    line = AsteriskLine(replace(asterisk.config(), gone_after_s=0.5, retry_up_to_s=0.2))
    line.on_call = script
    await line.start()
    try:
        await asyncio.wait_for(line.connected.wait(), 8)
        yield line
    finally:
        await line.stop()


@asynccontextmanager
async def citizen_on(asterisk: Asterisk, folder: Path) -> AsyncIterator[Baresip]:
    """A telephone that has dialled the line."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    silence = write_wav(folder / "silence.wav", tone(60, amplitude=0))
    async with baresip_phone(folder / "phone", phone_ports(), number="13900000001", silence=silence) as phone:
        await phone.dial(f"sip:12345@127.0.0.1:{asterisk.sip_port}")
        yield phone


async def test_the_caller_hears_a_prompt_whole_and_without_gaps(asterisk: Asterisk, tmp_path: Path) -> None:
    script = Caught()
    prompt = Clip("prompt", write_tone(tmp_path / "prompt.wav", seconds=5.0))
    async with line_on(asterisk, script), citizen_on(asterisk, tmp_path) as phone:
        await script.until_up()
        heard = await phone.hearing()
        playing = asyncio.create_task(script.call.play([prompt]))
        assert await playing is None
        await asyncio.sleep(0.2)
        await script.call.hang_up()
        await phone.wait_for("CALL_CLOSED", timeout_s=5)
    frames = read_pcm(heard)
    loud = np.abs(frames[: len(frames) // 160 * 160].reshape(-1, 160)).max(axis=1) > 2000
    first, last = np.flatnonzero(loud)[[0, -1]]
    assert abs((last - first + 1) * 0.02 - 5.0) <= 0.06
    assert loud[first : last + 1].all()


async def test_a_cut_of_ari_costs_neither_the_call_nor_its_keys_afterwards(asterisk: Asterisk, tmp_path: Path) -> None:
    script = Caught()
    async with line_on(asterisk, script) as line, citizen_on(asterisk, tmp_path) as phone:
        await script.until_up()
        cut_ari(line)
        await eventually(lambda: not line.connected.is_set())
        await eventually(line.connected.is_set)
        await phone.press("5")
        await eventually(lambda: script.keys == ["5"])
        await phone.hang_up()
        assert await script.until_over() == "bye"
    assert await asyncio.to_thread(asterisk.left_behind) == []


async def test_a_cut_of_the_sound_is_mended_and_the_prompt_goes_on(asterisk: Asterisk, tmp_path: Path) -> None:
    script = Caught()
    prompt = Clip("prompt", write_tone(tmp_path / "prompt.wav", seconds=2.0))
    async with line_on(asterisk, script) as line, citizen_on(asterisk, tmp_path):
        await script.until_up()
        playing = asyncio.create_task(script.call.play([prompt]))
        await asyncio.sleep(0.5)
        cut_sound(line)
        async with asyncio.timeout(6):
            assert await playing is None
        recorded = await script.call.record(tmp_path / "after.wav", max_s=0.5)
        assert recorded.duration_ms == 500
        await script.call.hang_up()
    assert await asyncio.to_thread(asterisk.left_behind) == []


async def test_after_our_death_the_caller_is_served_by_the_next_process(asterisk: Asterisk, tmp_path: Path) -> None:
    first, second = Caught(), Caught()
    async with line_on(asterisk, first) as dead, citizen_on(asterisk, tmp_path) as phone:
        await first.until_up()
        await die(dead)
        async with line_on(asterisk, second):
            await second.until_up()
            assert second.call.caller == "13900000001"
            await phone.press("9")
            await eventually(lambda: second.keys == ["9"])
            await phone.hang_up()
            assert await second.until_over() == "bye"
    assert await asyncio.to_thread(asterisk.left_behind) == []


async def test_asterisk_killed_ends_its_calls_and_its_return_is_noticed(mortal: Asterisk, tmp_path: Path) -> None:
    script = Caught()
    async with line_on(mortal, script) as line:
        async with sipp("uac_wait_bye", tmp_path / "first", to_port=mortal.sip_port):
            await script.until_up()
            await asyncio.to_thread(mortal.kill)
            assert await script.until_over() == "transport_asterisk"
        await asyncio.to_thread(mortal.start)
        await eventually(line.connected.is_set)
        async with citizen_on(mortal, tmp_path / "second") as phone:
            await eventually(lambda: len(script.calls) == 2)
            await script.until_up()
            await phone.hang_up()
            assert await script.until_over() == "bye"


async def test_a_phone_that_goes_silent_without_a_word_ends_as_dead_media(mortal: Asterisk, tmp_path: Path) -> None:
    script = Caught()
    async with line_on(mortal, script), sipp("uac_wait_bye", tmp_path, to_port=mortal.sip_port) as phone:
        await script.until_up()  # SIPp sends no sound at all
        assert await script.until_over() == "dead_media"
        await phone.passes()


async def test_what_was_recorded_before_asterisk_died_is_fetched_when_it_is_back(
    mortal: Asterisk, tmp_path: Path
) -> None:
    script = Caught()
    async with line_on(mortal, script) as line, sipp("uac_wait_bye", tmp_path / "caller", to_port=mortal.sip_port):
        await script.until_up()
        conversation = line.switchboard.open_conversation("dying")
        await conversation.join(script.call, LegRole.CITIZEN)
        await conversation.start_recording(tmp_path / "talk")
        spooled = mortal.folder / "spool" / "recording" / "hl-dying-citizen.wav"
        await eventually(lambda: spooled.stat().st_size > 8000)
        await asyncio.to_thread(mortal.kill)
        fetching = asyncio.create_task(conversation.stop_recording())
        await asyncio.to_thread(mortal.start)
        await script.until_over()
        recorded = await fetching
        await conversation.close()
    assert recorded is not None
    assert recorded.duration_ms >= 400
