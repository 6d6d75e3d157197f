"""Who hears whom, frame by frame, on fake streams: the mixing itself, without a network."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.call_audio import CallAudio
from ivr.adapters.conversation_hub import ConversationHub
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.simulated import SimulatedCall
from ivr.adapters.sound import SoundShelf
from ivr.adapters.wav_recorder import RecordingWriter
from ivr.domain.conversation import LegRole, Side, is_heard, side_of
from ivr.domain.errors import CallerHungUp
from ivr.ports import Clip
from tests.contracts.sounds import read_pcm, write_wav
from tests.unit.ivr_adapters.test_call_audio import FakeStream

FRAME = 160


class Leg(SimulatedCall):
    """A call with frames whose sound the test gives, and whose telephone shows what it hears."""

    def __init__(self, name: str, writer: RecordingWriter) -> None:
        super().__init__(call_id=name)
        self.stream = FakeStream()
        self.audio = CallAudio(self.stream, SoundShelf(), writer)

    def says(self, loudness: int, frames: int = 1) -> None:
        self.audio.frame_heard(loud(loudness) * frames)

    def hears(self) -> list[int]:
        """The loudness of each frame that went to its telephone since the last look."""
        sound, self.stream.waiting = self.stream.waiting, b""
        return [int(frame[0]) for frame in np.frombuffer(sound, "<i2").reshape(-1, FRAME)]

    def loses_line(self) -> None:
        self.go("bye")
        self.audio.end()


def loud(loudness: int) -> bytes:
    return np.full(FRAME, loudness, "<i2").tobytes()


@pytest.fixture
def writer() -> Iterator[RecordingWriter]:
    made = RecordingWriter()
    yield made
    made.close()


@pytest.fixture
async def hub(writer: RecordingWriter) -> ConversationHub:
    return ConversationHub("c1", FrameClock(lambda: None), writer)


@pytest.fixture
async def citizen(hub: ConversationHub, writer: RecordingWriter) -> Leg:
    leg = Leg("citizen", writer)
    await hub.join(leg, LegRole.CITIZEN)
    return leg


@pytest.fixture
async def agent(hub: ConversationHub, writer: RecordingWriter) -> Leg:
    leg = Leg("agent", writer)
    await hub.join(leg, LegRole.AGENT)
    return leg


async def test_each_hears_the_other_and_not_himself(hub: ConversationHub, citizen: Leg, agent: Leg) -> None:
    citizen.says(1000)
    agent.says(2000)
    hub.tick()
    assert (citizen.hears(), agent.hears()) == ([2000], [1000])


async def test_three_are_added_and_cut_off_where_it_is_too_loud(
    hub: ConversationHub, citizen: Leg, agent: Leg, writer: RecordingWriter
) -> None:
    guest = Leg("guest", writer)
    await hub.join(guest, LegRole.THIRD_PARTY)
    citizen.says(20000)
    agent.says(20000)
    guest.says(-500)
    hub.tick()
    assert (citizen.hears(), agent.hears(), guest.hears()) == ([19500], [19500], [32767])


@pytest.mark.parametrize(
    ("role", "citizen_hears", "agent_hears"),
    [(LegRole.LISTENER, [], []), (LegRole.WHISPERER, [], [300]), (LegRole.AGENT, [300], [300])],
)
async def test_a_supervisor_hears_all_and_is_heard_as_his_role_says(
    hub: ConversationHub, citizen: Leg, agent: Leg, writer: RecordingWriter,
    role: LegRole, citizen_hears: list[int], agent_hears: list[int],
) -> None:  # fmt: skip
    supervisor = Leg("supervisor", writer)
    await hub.join(supervisor, LegRole.LISTENER)
    await hub.join(supervisor, role)  # he is in it already: only the role changes
    supervisor.says(300)
    hub.tick()
    assert (citizen.hears(), agent.hears()) == (citizen_hears, agent_hears)
    citizen.says(10)
    hub.tick()
    assert supervisor.hears()[-1] == 10


def test_what_the_citizen_does_not_hear_is_not_recorded() -> None:
    for role in LegRole:
        assert (side_of(role) is None) is (role is not LegRole.CITIZEN and not is_heard(role, LegRole.CITIZEN))


async def test_who_is_held_hears_music_over_and_over_and_is_not_heard(
    hub: ConversationHub, citizen: Leg, agent: Leg, tmp_path: Path
) -> None:
    music = Clip("music", write_wav(tmp_path / "music.wav", loud(7) + loud(8)))
    await hub.hold(citizen, [music])
    for _ in range(3):
        citizen.says(1000)
        agent.says(2000)
        hub.tick()
    assert (citizen.hears(), agent.hears()) == ([7, 8, 7], [])
    await hub.resume(citizen)
    citizen.says(1000)
    hub.tick()
    assert agent.hears() == [1000]


async def test_who_is_muted_hears_and_is_not_heard(hub: ConversationHub, citizen: Leg, agent: Leg) -> None:
    await hub.mute(agent, is_muted=True)
    citizen.says(1000)
    agent.says(2000)
    hub.tick()
    assert (citizen.hears(), agent.hears()) == ([], [1000])
    await hub.mute(agent, is_muted=False)
    agent.says(2000)
    hub.tick()
    assert citizen.hears() == [2000]


async def test_sound_that_piles_up_is_dropped_and_not_delayed(hub: ConversationHub, citizen: Leg, agent: Leg) -> None:
    for loudness in range(1, 11):
        citizen.says(loudness)
    for _ in range(5):
        hub.tick()
    assert agent.hears() == [8, 9, 10]


async def test_both_sides_are_recorded_from_one_beginning_with_silence_while_paused(
    hub: ConversationHub, citizen: Leg, agent: Leg, tmp_path: Path
) -> None:
    heard: list[tuple[Side, int]] = []
    hub.on_sound = lambda side, pcm: heard.append((side, int(np.frombuffer(pcm, "<i2")[0])))
    await hub.start_recording(tmp_path)
    for number, is_paused in enumerate([False, True, False], start=1):
        await hub.pause_recording(is_paused=is_paused)
        citizen.says(number)
        agent.says(10 * number)
        hub.tick()
    hub.tick()  # nobody speaks
    recorded = await hub.stop_recording()
    assert recorded is not None
    assert recorded.duration_ms == 80
    assert list(read_pcm(recorded.citizen)[::FRAME]) == [1, 0, 3, 0]
    assert list(read_pcm(recorded.agent)[::FRAME]) == [10, 0, 30, 0]
    assert [loudness for side, loudness in heard if side is Side.CITIZEN] == [1, 0, 3, 0]
    assert await hub.stop_recording() is None


async def test_who_hangs_up_is_told_once_and_the_others_stay(hub: ConversationHub, citizen: Leg, agent: Leg) -> None:
    citizen.loses_line()
    assert await hub.next_departure() is citizen
    assert dict(hub.legs) == {"agent": LegRole.AGENT}
    agent.says(1)
    hub.tick()
    await hub.leave(agent)
    agent.loses_line()  # no longer in it: nobody is told
    await hub.close()
    assert hub._departed.empty()


async def test_who_is_gone_cannot_join(hub: ConversationHub, writer: RecordingWriter) -> None:
    leg = Leg("late", writer)
    leg.loses_line()
    with pytest.raises(CallerHungUp):
        await hub.join(leg, LegRole.AGENT)


async def test_a_leg_that_has_left_belongs_to_its_script_again(hub: ConversationHub, citizen: Leg, agent: Leg) -> None:
    citizen.says(5)
    await hub.leave(citizen)
    hub.tick()
    assert (citizen.stream.is_hearing, citizen.audio.on_sound, agent.hears()) == (False, None, [])
