"""A citizen at his page and an agent at his console talk: the conversation of this process takes browsers as legs."""

import asyncio
from pathlib import Path

from ivr.domain.conversation import LegRole
from tests.contracts.browser_talk import BrowserTalkRig
from tests.contracts.eventually import eventually
from tests.contracts.sounds import read_pcm, share_of

CITIZEN_HZ, AGENT_HZ = 700.0, 1300.0


async def test_two_browsers_hear_each_other_and_each_is_recorded_on_his_side(tmp_path: Path) -> None:
    async with BrowserTalkRig(tmp_path).two() as talkers:
        talk = talkers.switchboard.open_conversation("c1")
        heard: dict[str, int] = {"agent": 0, "citizen": 0}
        talk.on_sound = lambda side, pcm: heard.update({side.value: heard[side.value] + len(pcm)})
        await talk.join(talkers.citizen, LegRole.CITIZEN)
        await talk.join(talkers.agent, LegRole.AGENT)
        await talkers.on_citizens_phone.hum(CITIZEN_HZ)
        await talkers.on_agents_phone.hum(AGENT_HZ)
        assert await talkers.on_agents_phone.hears(CITIZEN_HZ)
        assert await talkers.on_citizens_phone.hears(AGENT_HZ)
        await talk.start_recording(tmp_path)
        before = heard["citizen"]
        await eventually(lambda: heard["citizen"] - before >= 16000)  # a second of talk
        recorded = await talk.stop_recording()
        assert recorded is not None
        agent, citizen = read_pcm(recorded.agent), read_pcm(recorded.citizen)
        assert agent.size == citizen.size
        assert share_of(CITIZEN_HZ, citizen) > 0.8
        assert share_of(AGENT_HZ, agent) > 0.8
        await talkers.on_citizens_phone.hang_up()
        assert await asyncio.wait_for(talk.next_departure(), 8) is talkers.citizen
        await talk.close()
        assert talkers.agent.end_cause is None
