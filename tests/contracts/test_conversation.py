"""What every switchboard must do with two people on the line (ivr.ports.Conversation)."""

import asyncio
from pathlib import Path

import pytest

from ivr.domain.conversation import LegRole
from ivr.domain.errors import CallerHungUp
from ivr.ports import SAMPLE_RATE, Clip, Conversation
from tests.contracts.browser_talk import BrowserTalkRig
from tests.contracts.sounds import read_pcm, write_tone
from tests.contracts.talk_rigs import AsteriskTalkRig, EmbeddedTalkRig, Talkers, TalkRig, share_of
from tests.support.asterisk import MUSIC_HZ

CITIZEN_HZ, AGENT_HZ = 700.0, 1300.0
WITHIN_S = 8


@pytest.fixture(params=["embedded_sip", "browser", "asterisk"])
def talk_rig(request: pytest.FixtureRequest, tmp_path: Path) -> TalkRig:
    if request.param == "embedded_sip":
        return EmbeddedTalkRig(tmp_path)
    if request.param == "browser":
        return BrowserTalkRig()
    return AsteriskTalkRig(tmp_path, request.getfixturevalue("asterisk"))


@pytest.fixture
def music(tmp_path: Path) -> Clip:
    return Clip("music", write_tone(tmp_path / "music.wav", seconds=1.0, hertz=MUSIC_HZ))


async def _together(talkers: Talkers) -> Conversation:
    conversation = talkers.switchboard.open_conversation("c1")
    await conversation.join(talkers.citizen, LegRole.CITIZEN)
    await conversation.join(talkers.agent, LegRole.AGENT)
    await talkers.on_citizens_phone.hum(CITIZEN_HZ)
    await talkers.on_agents_phone.hum(AGENT_HZ)
    return conversation


async def test_both_hear_each_other_and_each_is_recorded_on_his_side(talk_rig: TalkRig, tmp_path: Path) -> None:
    async with talk_rig.two() as talkers:
        conversation = await _together(talkers)
        await conversation.start_recording(tmp_path / "talk")
        assert await talkers.on_agents_phone.hears(CITIZEN_HZ)
        assert await talkers.on_citizens_phone.hears(AGENT_HZ)
        await asyncio.sleep(1)  # of talk
        recorded = await conversation.stop_recording()
        assert recorded is not None
        agent, citizen = read_pcm(recorded.agent), read_pcm(recorded.citizen)
        assert abs(agent.size - citizen.size) < SAMPLE_RATE / 10
        assert share_of(CITIZEN_HZ, citizen[-SAMPLE_RATE:]) > 0.8
        assert share_of(AGENT_HZ, agent[-SAMPLE_RATE:]) > 0.8
        assert share_of(AGENT_HZ, citizen[-SAMPLE_RATE:]) < 0.05
        await conversation.close()
        assert talkers.citizen.end_cause is None


async def test_who_is_held_hears_music_until_he_is_back(talk_rig: TalkRig, music: Clip) -> None:
    async with talk_rig.two() as talkers:
        conversation = await _together(talkers)
        assert await talkers.on_citizens_phone.hears(AGENT_HZ)
        await conversation.hold(talkers.citizen, [music])
        assert await talkers.on_citizens_phone.hears(MUSIC_HZ)
        assert await talkers.on_agents_phone.hears_no_more(CITIZEN_HZ)
        await conversation.resume(talkers.citizen)
        assert await talkers.on_citizens_phone.hears(AGENT_HZ)
        assert await talkers.on_agents_phone.hears(CITIZEN_HZ)


async def test_who_is_muted_is_not_heard_and_hears(talk_rig: TalkRig) -> None:
    async with talk_rig.two() as talkers:
        conversation = await _together(talkers)
        assert await talkers.on_citizens_phone.hears(AGENT_HZ)
        await conversation.mute(talkers.agent, is_muted=True)
        assert await talkers.on_citizens_phone.hears_no_more(AGENT_HZ)
        assert await talkers.on_agents_phone.hears(CITIZEN_HZ)


async def test_a_paused_recording_goes_on_in_silence(talk_rig: TalkRig, tmp_path: Path) -> None:
    async with talk_rig.two() as talkers:
        conversation = await _together(talkers)
        assert await talkers.on_agents_phone.hears(CITIZEN_HZ)
        await conversation.start_recording(tmp_path / "talk")
        await conversation.pause_recording(is_paused=True)
        await asyncio.sleep(1)  # of what must not be kept
        await conversation.pause_recording(is_paused=False)
        await asyncio.sleep(1)  # of talk
        recorded = await conversation.stop_recording()
        assert recorded is not None
        citizen = read_pcm(recorded.citizen)
        assert share_of(CITIZEN_HZ, citizen[-SAMPLE_RATE // 2 :]) > 0.8
        assert share_of(CITIZEN_HZ, citizen[SAMPLE_RATE // 4 : SAMPLE_RATE * 3 // 4]) < 0.05
        assert citizen.size > 1.8 * SAMPLE_RATE


async def test_who_hangs_up_is_told_and_the_other_can_be_played_to(talk_rig: TalkRig, music: Clip) -> None:
    async with talk_rig.two() as talkers:
        conversation = await _together(talkers)
        await talkers.on_agents_phone.hang_up()
        assert await asyncio.wait_for(conversation.next_departure(), WITHIN_S) is talkers.agent
        await conversation.leave(talkers.citizen)
        assert await talkers.citizen.play([music]) is None
        with pytest.raises(CallerHungUp):
            await conversation.join(talkers.agent, LegRole.AGENT)


async def test_our_own_hanging_up_of_a_leg_is_a_departure_too(talk_rig: TalkRig) -> None:
    async with talk_rig.two() as talkers:
        conversation = await _together(talkers)
        await talkers.agent.hang_up()
        assert await asyncio.wait_for(conversation.next_departure(), WITHIN_S) is talkers.agent
        assert dict(conversation.legs) == {talkers.citizen.call_id: LegRole.CITIZEN}
