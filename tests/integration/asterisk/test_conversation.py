"""What the contract of a conversation leaves open, on a real Asterisk: taps, supervisors, a kill, foreign legs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.demo.baresip import Baresip, baresip_phone, phone_ports
from ivr.adapters.asterisk import AsteriskLine
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.domain.conversation import LegRole, Side
from ivr.line_ports import FoundTalk
from ivr.ports import CallControl, Conversation, SideRecordings
from tests.contracts.eventually import eventually
from tests.contracts.sounds import read_pcm, tone, write_wav
from tests.integration.asterisk.conftest import Caught, die
from tests.support.asterisk import Asterisk

CITIZEN, AGENT, THIRD = 330.0, 1000.0, 1700.0  # none of them in the music on hold


@dataclass
class Person:
    """A telephone that sings one note all the time, and the call it has with us."""

    phone: Baresip
    call: CallControl
    heard: Path

    def hears(self, note: float, *, last_s: float = 0.4) -> bool:
        """Just now: where nobody says anything Asterisk sends no packets, and the file stands still."""
        is_fresh = time.time() - self.heard.stat().st_mtime < last_s
        return is_fresh and level(tail_of(self.heard, last_s), note) > 300


def level(pcm: "np.ndarray[tuple[int], np.dtype[np.int16]]", note: float) -> float:
    """Amplitude of a note in the sound."""
    if len(pcm) == 0:
        return 0.0
    at_s = np.arange(len(pcm)) / 8000
    return float(2 * abs(np.mean(pcm * np.exp(-2j * np.pi * note * at_s))))


def tail_of(path: Path, seconds: float) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """The newest sound of a WAV that still grows."""
    data = path.read_bytes()[44:]
    data = data[: len(data) // 2 * 2]
    return np.frombuffer(data, "<i2")[-int(seconds * 8000) :]


class Stage:
    """A line on Asterisk, and people on it."""

    def __init__(
        self, asterisk: Asterisk, line: AsteriskLine, script: Caught, folder: Path, stack: AsyncExitStack
    ) -> None:
        self.asterisk, self.line, self.folder = asterisk, line, folder
        self._script, self._stack = script, stack

    async def citizen(self) -> Person:
        phone, _ = await self.phone("citizen", CITIZEN)
        await phone.dial(f"sip:12345@127.0.0.1:{self.asterisk.sip_port}")
        await self._script.until_up()
        return Person(phone, self._script.call, await phone.hearing())

    async def called(self, name: str, note: float) -> Person:
        """Somebody at a desk whom we ring."""
        phone, port = await self.phone(name, note)
        picking_up = asyncio.create_task(phone.pick_up(8))
        call = await self.line.dialler.dial(f"sip:{name}@127.0.0.1:{port}", call_id=name, ring_timeout_s=8)
        await picking_up
        return Person(phone, call, await phone.hearing())

    async def phone(self, name: str, note: float) -> tuple[Baresip, int]:
        folder = self.folder / name
        await asyncio.to_thread(folder.mkdir)
        song = write_wav(folder / "song.wav", tone(60, hertz=note, amplitude=6000))
        ports = phone_ports()
        phone = await self._stack.enter_async_context(
            baresip_phone(folder / "phone", ports, number="13900000001" if name == "citizen" else name, silence=song)
        )
        return phone, ports.sip


@pytest.fixture
async def stage(asterisk: Asterisk, tmp_path: Path) -> AsyncIterator[Stage]:
    script = Caught()
    line = AsteriskLine(asterisk.config())
    line.on_call = script
    await line.start()
    async with AsyncExitStack() as stack:
        await asyncio.wait_for(line.connected.wait(), 8)
        yield Stage(asterisk, line, script, tmp_path, stack)
        await line.stop()
    assert await asyncio.to_thread(asterisk.left_behind) == [], "nothing may stay in Asterisk after a talk"


async def talk_of(stage: Stage, *people: tuple[Person, LegRole]) -> Conversation:
    conversation = stage.line.switchboard.open_conversation("talk1")
    for person, role in people:
        await conversation.join(person.call, role)
    return conversation


async def test_each_side_is_tapped_on_its_own_and_a_pause_is_silence(stage: Stage) -> None:
    citizen, agent = await stage.citizen(), await stage.called("seat", AGENT)
    conversation = await talk_of(stage, (citizen, LegRole.CITIZEN), (agent, LegRole.AGENT))
    taps: dict[Side, bytearray] = {side: bytearray() for side in Side}
    conversation.on_sound = lambda side, pcm: taps[side].extend(pcm)
    await conversation.start_recording(stage.folder / "recording")
    await eventually(lambda: min(map(len, taps.values())) > 16000)
    for side, own, other in ((Side.AGENT, AGENT, CITIZEN), (Side.CITIZEN, CITIZEN, AGENT)):
        tapped = np.frombuffer(bytes(taps[side]), "<i2")
        assert level(tapped, own) > 10 * level(tapped, other)
    await conversation.pause_recording(is_paused=True)
    for tap in taps.values():
        tap.clear()
    await eventually(lambda: min(map(len, taps.values())) > 4000)
    assert not any(map(any, taps.values()))
    await conversation.close()


async def test_a_supervisor_listens_then_whispers_then_speaks_to_all(stage: Stage) -> None:
    citizen, agent = await stage.citizen(), await stage.called("seat", AGENT)
    boss = await stage.called("boss", THIRD)
    conversation = await talk_of(stage, (citizen, LegRole.CITIZEN), (agent, LegRole.AGENT), (boss, LegRole.LISTENER))
    await eventually(lambda: boss.hears(CITIZEN) and boss.hears(AGENT))
    assert not citizen.hears(THIRD)
    assert not agent.hears(THIRD)
    await conversation.join(boss.call, LegRole.WHISPERER)
    await eventually(lambda: agent.hears(THIRD) and boss.hears(CITIZEN) and boss.hears(AGENT))
    assert not citizen.hears(THIRD)
    await conversation.join(boss.call, LegRole.THIRD_PARTY)
    await eventually(lambda: agent.hears(THIRD) and citizen.hears(THIRD) and boss.hears(CITIZEN))
    await conversation.close()


async def test_a_kill_of_our_process_leaves_the_talk_and_its_recording_to_the_next_one(stage: Stage) -> None:
    citizen, agent = await stage.citizen(), await stage.called("seat", AGENT)
    conversation = await talk_of(stage, (citizen, LegRole.CITIZEN), (agent, LegRole.AGENT))
    await conversation.start_recording(stage.folder / "never")
    await eventually(lambda: citizen.hears(AGENT) and agent.hears(CITIZEN))
    before = citizen.call.call_id
    await die(stage.line)
    adopted: list[FoundTalk] = []
    recorded: list[SideRecordings | None] = []

    async def take_over(talk: FoundTalk) -> None:
        await talk.conversation.start_recording(stage.folder / "recording")
        adopted.append(talk)
        await talk.conversation.next_departure()
        recorded.append(await talk.conversation.stop_recording())

    successor = AsteriskLine(stage.asterisk.config())
    successor.on_talk = take_over
    await asyncio.sleep(0.5)
    assert citizen.hears(AGENT)
    assert agent.hears(CITIZEN)
    await successor.start()
    try:
        await eventually(lambda: bool(adopted))
        assert adopted[0].conversation.legs == {before: LegRole.CITIZEN, "seat": LegRole.AGENT}
        await asyncio.sleep(0.5)
        assert citizen.hears(AGENT)
        assert agent.hears(CITIZEN)
        await citizen.phone.hang_up()
        await eventually(lambda: bool(recorded))
        await agent.phone.wait_for("CALL_CLOSED", timeout_s=5)
    finally:
        await successor.stop()
    assert recorded[0] is not None
    assert recorded[0].duration_ms > 1000
    for path, own in ((recorded[0].agent, AGENT), (recorded[0].citizen, CITIZEN)):
        sound = read_pcm(path)
        quiet = np.abs(sound[: len(sound) // 160 * 160].reshape(-1, 160)).max(axis=1) < 500
        assert np.median([level(part, own) for part in np.array_split(sound, len(sound) // 800)]) > 3000
        assert np.count_nonzero(quiet) * 0.02 < 0.4, "no gap where the process died"


async def test_a_leg_of_another_line_is_heard_and_hears(stage: Stage) -> None:
    """As a browser's, whose frames this process has."""
    citizen = await stage.citizen()
    arrived = Caught()
    own_line = EmbeddedSipLine(
        EmbeddedSipConfig(host="127.0.0.1", port=0, rtp_port_min=21000, rtp_port_max=24998, stop_within_s=2)
    )
    own_line.on_call = arrived
    await own_line.start()
    try:
        seat, _ = await stage.phone("browser", AGENT)
        await seat.dial(f"sip:12345@127.0.0.1:{own_line.port}")
        await arrived.until_up()
        agent = Person(seat, arrived.call, await seat.hearing())
        conversation = await talk_of(stage, (citizen, LegRole.CITIZEN), (agent, LegRole.AGENT))
        await eventually(lambda: citizen.hears(AGENT) and agent.hears(CITIZEN))
        await seat.hang_up()
        async with asyncio.timeout(5):
            assert await conversation.next_departure() is agent.call
        await conversation.close()
    finally:
        await own_line.stop()
