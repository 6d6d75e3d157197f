"""People who talk with each other inside Asterisk: bridged, held, whispered to and recorded there.

Nothing of the talk passes through this process, so it goes on when this process dies; what passes are the taps.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.side_tap import SideTap, open_snoop
from ivr.adapters.asterisk.stack import OUR_BRIDGE, OUR_SNOOP, OUR_TALK, AsteriskStack
from ivr.adapters.asterisk.talk_leg import OwnLeg, TalkLeg, Whisper, leg_of
from ivr.adapters.wav_recorder import make_equally_long
from ivr.domain.conversation import LegRole, Side, side_of
from ivr.domain.errors import CallerHungUp, LegNotChanged, RecordingFailed, TalkGoesOn
from ivr.ports import SOUND_ELSEWHERE, CallControl, Clip, SideRecordings
from kit.ids import new_id

log = structlog.get_logger(__name__)

ROLE, CALL_ID, NUMBER, SILENCE = "HOTLINE_ROLE", "HOTLINE_CALL_ID", "HOTLINE_NUMBER", "HOTLINE_SILENCE"
"""Variables on a channel in a talk: by them a successor of this process knows who is who, and how he stands."""
HELD, MUTED = "held", "muted"
"""Words of SILENCE."""
_PAUSED = "paused"
"""A file of this name in a talk's folder: a successor must not listen either."""
_TROUBLE = (AriAway, AriRefused, TimeoutError)


class AsteriskSwitchboard:
    """Implements Switchboard."""

    def __init__(self, stack: AsteriskStack) -> None:
        self._stack = stack

    def open_conversation(self, conversation_id: str) -> "AsteriskConversation":
        return AsteriskConversation(self._stack, conversation_id)


class AsteriskConversation:
    """Implements Conversation. Music on hold is Asterisk's class `default`; given clips are not played."""

    def __init__(self, stack: AsteriskStack, conversation_id: str) -> None:
        self.on_sound: Callable[[Side, bytes], None] | None = None
        self._stack = stack
        self._id = conversation_id
        self._talk = OUR_TALK + conversation_id
        self._legs: dict[str, TalkLeg] = {}
        self._taps: dict[Side, SideTap] = {}
        self._departed: asyncio.Queue[CallControl | None] = asyncio.Queue()  # None: left to the next process
        self._turn = asyncio.Lock()  # one change at a time: bridges and taps follow each other
        self._folder: Path | None = None
        self.is_paused = False
        self._is_open = False

    @property
    def legs(self) -> Mapping[str, LegRole]:
        return {call_id: leg.role for call_id, leg in self._legs.items()}

    # --- coming and going ---

    async def join(self, call: CallControl, role: LegRole) -> None:
        async with self._turn:
            leg = self._legs.get(call.call_id)
            if leg is None:
                leg = await self._come_in(call, role)
            elif leg.role is role:
                return
            else:
                await self._quietly("leave_place", self._leave_place(leg))
                leg.role = role
            await self._quietly("take_place", self._take_place(leg))
            if leg.role is not LegRole.WHISPERER:
                self._end_whisper(leg)
            await self._serve_whisperers()

    async def _come_in(self, call: CallControl, role: LegRole) -> TalkLeg:
        if call.end_cause is not None:
            raise CallerHungUp
        await self._quietly("open", self._open())
        leg = leg_of(call, role)
        try:
            await leg.come(self._stack, partial(self._lose, leg))
        except _TROUBLE as error:
            log.warning("line.talk.leg_not_brought", reason=str(error) or type(error).__name__)
            raise CallerHungUp from None
        if call.end_cause is not None:  # in the meantime: its end was told before anybody here could hear of it
            await self._quietly("go_back", leg.go_back(self._stack))
            raise CallerHungUp
        self._legs[call.call_id] = leg
        return leg

    async def leave(self, call: CallControl) -> None:
        async with self._turn:
            leg = self._legs.pop(call.call_id, None)
            if leg is not None:
                await self._quietly("leave_place", self._leave_place(leg))
                await self._quietly("go_back", leg.go_back(self._stack))
                self._end_whisper(leg)
                await self._serve_whisperers()

    async def adopt(self, legs: Sequence[OwnLeg]) -> None:
        """Go on with a talk that a predecessor of this process left in Asterisk, recording included: the next
        `start_recording` only says where its files shall go. Raises AriAway or AriRefused; then it is as it was."""
        async with self._turn:
            taps = {side: SideTap(self._stack, self._id, side, partial(self._heard, side)) for side in Side}
            found = await asyncio.gather(*(tap.find() for tap in taps.values()), return_exceptions=True)
            for trouble in filter(None, found):
                for tap in taps.values():
                    tap.go_deaf()
                raise trouble
            self._is_open, self._taps = True, taps
            self._stack.talks[self._talk] = self.leave_to_the_next
            for leg in legs:
                self._legs[leg.call.call_id] = leg
                await leg.come(self._stack, partial(self._lose, leg))
                if leg.call.end_cause is not None:  # just now
                    self._lose(leg)

    def leave_to_the_next(self) -> None:
        """This process stops. Nothing is taken down where a citizen and somebody else are both in Asterisk; a talk
        with a person whose sound comes through this process cannot go on."""
        staying = [leg for leg in self._legs.values() if isinstance(leg, OwnLeg)]
        if {Side.CITIZEN, Side.AGENT} - {side_of(leg.role) for leg in staying}:
            return
        self._is_open = False
        self._legs.clear()
        self._taps.clear()
        self._folder = None
        for leg in staying:
            leg.let_go()
        self._departed.put_nowait(None)
        log.info("line.talk.left_to_the_next", conversation_id=self._id, legs=len(staying))

    def _lose(self, leg: TalkLeg) -> None:
        if self._legs.pop(leg.call.call_id, None) is not None:
            self._departed.put_nowait(leg.call)
            self._stack.spawn(self._clear_after(leg))

    async def _clear_after(self, leg: TalkLeg) -> None:
        """Its channel is gone; a foreign call's is not."""
        async with self._turn:
            await self._quietly("leave_place", self._leave_place(leg))
            if leg.channel_id not in (getattr(leg.call, "channel_id", ""),):
                await self._quietly("go_back", leg.go_back(self._stack))
            self._end_whisper(leg)
            await self._serve_whisperers()

    async def next_departure(self) -> CallControl:
        gone = await self._departed.get()
        if gone is None:
            raise TalkGoesOn
        return gone

    async def close(self) -> None:
        for leg in list(self._legs.values()):
            await self.leave(leg.call)
        try:
            await self.stop_recording()
        except RecordingFailed:
            log.exception("line.talk.recording_left_behind")  # Asterisk keeps it
        async with self._turn:
            for tap in self._taps.values():
                tap.close()
            self._taps.clear()
            if self._is_open:
                self._is_open = False
                self._stack.talks.pop(self._talk, None)
                self._stack.remove("bridges", self._talk)

    # --- places ---

    async def _open(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._stack.talks[self._talk] = self.leave_to_the_next
            await self._ask("POST", "bridges", type="mixing", bridgeId=self._talk, name=self._id)
            await self._open_taps()

    async def _open_taps(self) -> None:
        taps = {side: SideTap(self._stack, self._id, side, partial(self._heard, side)) for side in Side}
        await asyncio.gather(*(tap.open() for tap in taps.values()))
        self._taps = taps

    async def _take_place(self, leg: TalkLeg) -> None:
        for name, value in ((ROLE, leg.role.value), (CALL_ID, leg.call.call_id), (NUMBER, leg.call.caller)):
            await self._note(leg, name, value)
        if leg.role is LegRole.WHISPERER:
            return  # its place is beside an agent: _serve_whisperers
        how = {"mute": "true"} if leg.role is LegRole.LISTENER else {}
        await self._ask("POST", path_of("bridges", self._talk, "addChannel"), channel=leg.channel_id, **how)
        side = side_of(leg.role)
        if side is not None and side in self._taps:
            await self._taps[side].listen_to(leg.channel_id)

    async def _leave_place(self, leg: TalkLeg) -> None:
        for tap in self._taps.values():
            tap.forget(leg.channel_id)
        if leg.is_held or leg.is_muted or not leg.is_sure:
            await self._set_silence(leg, is_held=False, is_muted=False)

    async def _serve_whisperers(self) -> None:
        """Each one beside an agent: he hears what the agent hears and says, and only the agent hears him."""
        agents = [leg for leg in self._legs.values() if leg.role is LegRole.AGENT]
        for leg in self._legs.values():
            if leg.role is not LegRole.WHISPERER:
                continue
            if leg.whisper is not None and leg.whisper.beside in {agent.channel_id for agent in agents}:
                continue
            if agents:
                await self._quietly("whisper", self._whisper(leg, agents[0]))

    async def _whisper(self, leg: TalkLeg, agent: TalkLeg) -> None:
        place = Whisper(f"{OUR_BRIDGE}whisper-{new_id()}", OUR_SNOOP + new_id(), agent.channel_id)
        await open_snoop(self._stack, agent.channel_id, place.snoop, spy="both", whisper="out")
        await self._ask("POST", "bridges", type="mixing", bridgeId=place.bridge, name=self._id)
        await self._ask(
            "POST", path_of("bridges", place.bridge, "addChannel"), channel=f"{leg.channel_id},{place.snoop}"
        )
        self._end_whisper(leg)
        leg.whisper = place

    def _end_whisper(self, leg: TalkLeg) -> None:
        """Only after it has left: a bridge that is taken down throws out whoever is on the way from it to another."""
        if leg.whisper is not None:
            self._stack.remove("channels", leg.whisper.snoop)
            self._stack.remove("bridges", leg.whisper.bridge)
            leg.whisper = None

    # --- what a leg hears and who hears it ---

    async def hold(self, call: CallControl, music: Sequence[Clip]) -> None:
        await self._change(call, lambda leg: self._set_silence(leg, is_held=True, is_muted=leg.is_muted))

    async def resume(self, call: CallControl) -> None:
        await self._change(call, lambda leg: self._set_silence(leg, is_held=False, is_muted=leg.is_muted))

    async def mute(self, call: CallControl, *, is_muted: bool) -> None:
        await self._change(call, lambda leg: self._set_silence(leg, is_held=leg.is_held, is_muted=is_muted))

    async def _change(self, call: CallControl, change: Callable[[TalkLeg], Awaitable[None]]) -> None:
        async with self._turn:
            leg = self._legs.get(call.call_id)
            if leg is None:
                return
            was_held, was_muted = leg.is_held, leg.is_muted
            try:
                await change(leg)
            except _TROUBLE as error:  # nobody shall speak freely because a screen says "muted"
                await self._quietly("change_back", self._set_silence(leg, is_held=was_held, is_muted=was_muted))
                if not _is_gone(error):
                    raise LegNotChanged(str(error) or type(error).__name__) from None

    async def _set_silence(self, leg: TalkLeg, *, is_held: bool, is_muted: bool) -> None:
        """A held leg hears music and nobody hears it; a muted one hears everybody. It is so when Asterisk says so;
        after a request that failed, the next one asks for everything."""
        is_silent, is_sure, leg.is_sure = is_held or is_muted, leg.is_sure, False
        if not is_sure or is_silent is not (leg.is_held or leg.is_muted):
            method = "POST" if is_silent else "DELETE"
            await self._ask(method, path_of("channels", leg.channel_id, "mute"), direction="in")
        if not is_sure or is_held is not leg.is_held:
            await self._ask("POST" if is_held else "DELETE", path_of("channels", leg.channel_id, "moh"))
        await self._note(leg, SILENCE, " ".join([HELD] * is_held + [MUTED] * is_muted))
        leg.is_held, leg.is_muted, leg.is_sure = is_held, is_muted, True

    # --- recording ---

    async def start_recording(self, folder: Path) -> None:
        async with self._turn:
            if self._folder is not None:
                return
            try:
                await asyncio.to_thread(_mark, folder)
                await self._open()
                await asyncio.gather(*(tap.record() for tap in self._taps.values() if not tap.recording.is_running))
            except (*_TROUBLE, OSError) as error:
                raise RecordingFailed(str(error) or type(error).__name__) from None
            self._folder = folder
            self.is_paused = await asyncio.to_thread((folder / _PAUSED).exists)

    async def pause_recording(self, *, is_paused: bool) -> None:
        async with self._turn:
            try:
                for tap in self._taps.values():
                    await tap.recording.mute(is_muted=is_paused)
            except _TROUBLE as error:  # nobody shall speak of secrets because a screen says "paused"
                raise RecordingFailed(str(error) or type(error).__name__) from None
            self.is_paused = is_paused
            if self._folder is not None:
                await asyncio.to_thread(_note_pause, self._folder, is_paused=is_paused)

    async def stop_recording(self) -> SideRecordings | None:
        async with self._turn:
            if self._folder is None:
                return None
            folder, self._folder = self._folder, None
            paths = {side: folder / f"{side}.wav" for side in Side}
            await asyncio.gather(*(tap.recording.bring(paths[side]) for side, tap in self._taps.items()))
            duration_ms = await asyncio.to_thread(make_equally_long, list(paths.values()))
            await asyncio.to_thread((folder / SOUND_ELSEWHERE).unlink, missing_ok=True)
            return SideRecordings(paths[Side.AGENT], paths[Side.CITIZEN], duration_ms)

    def _heard(self, side: Side, pcm: bytes) -> None:
        if self.on_sound is not None:
            self.on_sound(side, bytes(len(pcm)) if self.is_paused else pcm)

    # --- parts ---

    async def _note(self, leg: TalkLeg, name: str, value: str) -> None:
        await self._ask("POST", path_of("channels", leg.channel_id, "variable"), variable=name, value=value)

    async def _ask(self, method: str, path: str, **query: str) -> None:
        await self._stack.ari.request(method, path, **query)

    async def _quietly(self, what: str, doing: Awaitable[None]) -> None:
        """A leg that went, or an Asterisk that is away, is no error of the talk: `next_departure` or the line tells."""
        try:
            await doing
        except _TROUBLE as error:
            log.warning("line.talk.not_done", what=what, reason=str(error) or type(error).__name__)


def _note_pause(folder: Path, *, is_paused: bool) -> None:
    with contextlib.suppress(OSError):  # a full disk must not keep a recording from being paused
        if is_paused:
            (folder / _PAUSED).touch()
        else:
            (folder / _PAUSED).unlink(missing_ok=True)


def _is_gone(error: Exception) -> bool:
    return isinstance(error, AriRefused) and error.status == HTTPStatus.NOT_FOUND


def _mark(folder: Path) -> None:
    """Whoever finds the folder shall know that this is not all."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SOUND_ELSEWHERE).touch()
