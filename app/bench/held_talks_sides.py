"""The process that `held_talks.py` measures: a line of ours whose every caller talks with an agent and is recorded."""

import asyncio
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from app.bench.orders import obey
from app.bench.side import settle_down
from config.logging_setup import configure_logging
from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.adapters.wav_recorder import measure_wav
from ivr.domain.conversation import LegRole, Side
from ivr.line_ports import TelephoneLine
from ivr.ports import CallControl, SideRecordings
from kit.ids import new_id

_RINGS_S = 20.0
_CONNECTED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class TalkPlan:
    folder: Path
    """For the recordings."""
    agents: tuple[str, ...]
    """Telephones as the line dials them; each is called once."""
    core: int | None


@dataclass(frozen=True, slots=True)
class RecordedTalk:
    """The sound in the two files of a talk."""

    citizen_ms: int
    agent_ms: int


def hold_on_embedded_line(orders: Connection, plan: TalkPlan, config: EmbeddedSipConfig) -> None:
    """Tells its SIP port first; at the end its RecordedTalks."""
    _settle_down(plan)
    asyncio.run(_on_embedded_line(orders, plan, config))


def hold_on_asterisk(orders: Connection, plan: TalkPlan, config: AsteriskConfig) -> None:
    """Tells first that it is connected; at the end its RecordedTalks."""
    _settle_down(plan)
    asyncio.run(_on_asterisk(orders, plan, config))


def _settle_down(plan: TalkPlan) -> None:
    settle_down(plan.core)
    configure_logging(level="ERROR", as_json=False, process="bench-line")


async def _on_embedded_line(orders: Connection, plan: TalkPlan, config: EmbeddedSipConfig) -> None:
    line, talks = EmbeddedSipLine(config), _Talks(plan)
    talks.are_held_on(line)
    await line.start()
    orders.send(line.port)
    await _until_stopped(orders, line, talks)


async def _on_asterisk(orders: Connection, plan: TalkPlan, config: AsteriskConfig) -> None:
    line, talks = AsteriskLine(config), _Talks(plan)
    talks.are_held_on(line)
    await line.start()
    async with asyncio.timeout(_CONNECTED_WITHIN_S):
        await line.connected.wait()
    orders.send(None)
    await _until_stopped(orders, line, talks)


async def _until_stopped(orders: Connection, line: TelephoneLine, talks: "_Talks") -> None:
    await obey(orders, lambda: talks.going_on)
    await line.stop()
    orders.send([_sound_of(recorded) for recorded in talks.recorded])


def _sound_of(recorded: SideRecordings) -> RecordedTalk:
    return RecordedTalk(measure_wav(recorded.citizen).speech_ms, measure_wav(recorded.agent).speech_ms)


class _Talks:
    """What ivr/scripts/talk.py does with a caller and an agent, without people's orders and without the books."""

    def __init__(self, plan: TalkPlan) -> None:
        self._folder = plan.folder
        self._agents = deque(plan.agents)
        self._line: TelephoneLine | None = None
        self.going_on = 0
        self.recorded: list[SideRecordings] = []

    def are_held_on(self, line: TelephoneLine) -> None:
        self._line = line
        line.on_call = self._talk

    async def _talk(self, citizen: CallControl) -> None:
        assert self._line is not None
        await citizen.answer()
        agent = await self._line.dialler.dial(self._agents.popleft(), call_id=new_id(), ring_timeout_s=_RINGS_S)
        conversation = self._line.switchboard.open_conversation(citizen.call_id)
        await conversation.join(citizen, LegRole.CITIZEN)
        await conversation.join(agent, LegRole.AGENT)
        await conversation.start_recording(self._folder / citizen.call_id)
        conversation.on_sound = _listen  # both sides always have a listener: live words
        self.going_on += 1
        await conversation.next_departure()
        self.going_on -= 1
        await agent.hang_up()
        recorded = await conversation.stop_recording()
        await conversation.close()
        if recorded is not None:
            self.recorded.append(recorded)


def _listen(_side: Side, _pcm: bytes) -> None:
    """The recogniser is another process: what it takes is another figure."""
