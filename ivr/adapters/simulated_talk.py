"""Talks without a network: who hangs up first is a list, and both sides leave real files. For tests only."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from ivr.adapters.simulated import SimulatedCall, write_wav
from ivr.adapters.wav_recorder import measure_wav
from ivr.domain.conversation import LegRole, Side
from ivr.domain.errors import CallerHungUp
from ivr.ports import SAMPLE_RATE, CallControl, Clip, SideRecordings

_TURNS = 20
_LOOK_EVERY_S = 0.01
_LOUD = b"\x00\x20\x00\xe0"  # two samples: +8192, -8192


class Departure(StrEnum):
    CITIZEN = "citizen"
    AGENT = "agent"
    AGENT_LOST = "agent_lost"  # his telephone broke
    NEVER = "never"  # they talk on until somebody is told to hang up


class SimulatedSwitchboard:
    """Each talk ends as `departures` say, one after the other; both have spoken for `seconds`.

    Nobody hangs up before it `is_time`.
    """

    def __init__(
        self, *departures: Departure, seconds: float = 2.0, is_time: Callable[[], bool] = lambda: True
    ) -> None:
        self._departures = deque(departures)
        self._seconds = seconds
        self._is_time = is_time
        self.conversations: list[SimulatedConversation] = []

    def open_conversation(self, conversation_id: str) -> "SimulatedConversation":
        conversation = SimulatedConversation(self._departures, self._seconds, self._is_time)
        self.conversations.append(conversation)
        return conversation


class SimulatedConversation:
    """Implements Conversation; `done` tells what was asked of it."""

    def __init__(self, departures: deque[Departure], seconds: float, is_time: Callable[[], bool]) -> None:
        self._is_time = is_time
        self.on_sound: Callable[[Side, bytes], None] | None = None
        self.done: list[str] = []
        self._departures = departures
        self._pcm = _LOUD * int(seconds * SAMPLE_RATE / 2)
        self._members: dict[str, tuple[CallControl, LegRole]] = {}
        self._folder: Path | None = None

    @property
    def legs(self) -> Mapping[str, LegRole]:
        return {call_id: role for call_id, (_, role) in self._members.items()}

    async def join(self, call: CallControl, role: LegRole) -> None:
        if call.end_cause is not None:
            raise CallerHungUp
        self._members[call.call_id] = (call, role)
        self.done.append(f"join {role}")

    async def leave(self, call: CallControl) -> None:
        self._members.pop(call.call_id, None)

    async def hold(self, call: CallControl, music: Sequence[Clip]) -> None:
        self.done.append(f"hold {self._role_of(call)} {music[0].key}")

    async def resume(self, call: CallControl) -> None:
        self.done.append(f"resume {self._role_of(call)}")

    async def mute(self, call: CallControl, *, is_muted: bool) -> None:
        self.done.append(f"{'mute' if is_muted else 'unmute'} {self._role_of(call)}")

    async def start_recording(self, folder: Path) -> None:
        self._folder = folder
        await asyncio.to_thread(self._write_sides, folder)

    def _write_sides(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for side in Side:
            write_wav(folder / f"{side}.wav", self._pcm)

    async def pause_recording(self, *, is_paused: bool) -> None:
        self.done.append("pause" if is_paused else "go on")

    async def stop_recording(self) -> SideRecordings | None:
        if self._folder is None:
            return None
        folder, self._folder = self._folder, None
        agent, citizen = (folder / f"{side}.wav" for side in Side)
        return SideRecordings(agent, citizen, measure_wav(citizen).duration_ms)

    async def next_departure(self) -> CallControl:
        if self.on_sound is not None:
            for side in Side:
                self.on_sound(side, self._pcm)
        for _ in range(_TURNS):  # whoever listens or gives orders has his turn
            await asyncio.sleep(0)
        while not self._is_time():  # noqa: ASYNC110 - nobody tells when the test is content
            await asyncio.sleep(_LOOK_EVERY_S)
        departure = self._departures.popleft() if self._departures else Departure.NEVER
        if departure is Departure.NEVER:
            await asyncio.Event().wait()
        role = LegRole.CITIZEN if departure is Departure.CITIZEN else LegRole.AGENT
        gone = next(call for call, held in self._members.values() if held is role)
        assert isinstance(gone, SimulatedCall)
        gone.go("dead_media" if departure is Departure.AGENT_LOST else "bye")
        await self.leave(gone)
        return gone

    async def close(self) -> None:
        self._members.clear()

    def _role_of(self, call: CallControl) -> str:
        return self._members[call.call_id][1].value
