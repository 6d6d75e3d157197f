"""A conversation mixed in this process, 20 ms at a time, of legs from any line that has frames: SIP or browser."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import structlog

from ivr.adapters.call_audio import CallAudio
from ivr.adapters.frame_clock import FrameClock, Turn
from ivr.adapters.sound import FRAME_SAMPLES, encode, read_clip
from ivr.adapters.wav_recorder import Recording, RecordingWriter
from ivr.domain.conversation import LegRole, Side, is_heard, side_of
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, Clip, MediaStream, SideRecordings

log = structlog.get_logger(__name__)

_FRAME_BYTES = 2 * FRAME_SAMPLES
_MOST_WAITING_BYTES = 3 * _FRAME_BYTES
"""A leg that is further ahead of our clock loses its oldest sound: delay is worse than a click."""
_SILENCE = bytes(_FRAME_BYTES)


@runtime_checkable
class FramedCall(Protocol):
    """What a line's call offers beside CallControl; both raise CallerHungUp when it is not up."""

    @property
    def audio(self) -> CallAudio: ...

    @property
    def stream(self) -> MediaStream: ...


class MixingSwitchboard:
    """Implements Switchboard for one process. The clock and the writer are those of its line."""

    def __init__(self, clock: FrameClock, writer: RecordingWriter) -> None:
        self._clock = clock
        self._writer = writer

    def open_conversation(self, conversation_id: str) -> "ConversationHub":
        return ConversationHub(conversation_id, self._clock, self._writer)


class ConversationHub:
    """Implements Conversation."""

    def __init__(self, conversation_id: str, clock: FrameClock, writer: RecordingWriter) -> None:
        self.on_sound: Callable[[Side, bytes], None] | None = None
        self._id = conversation_id
        self._clock = clock
        self._writer = writer
        self._members: dict[str, _Member] = {}
        self._departed: asyncio.Queue[CallControl] = asyncio.Queue()
        self._takes: dict[Side, Recording] = {}
        self._is_paused = False
        self._is_ticking = False

    @property
    def legs(self) -> Mapping[str, LegRole]:
        return {call_id: member.role for call_id, member in self._members.items()}

    # --- coming and going ---

    async def join(self, call: CallControl, role: LegRole) -> None:
        known = self._members.get(call.call_id)
        if known is not None:
            known.role = role
            return
        if call.end_cause is not None:
            raise CallerHungUp
        assert isinstance(call, FramedCall), "a leg of a line without frames"
        member = _Member(call, call.audio, call.stream, role)
        self._members[call.call_id] = member
        member.begin(on_over=partial(self._lose, member))
        if not self._is_ticking:
            self._is_ticking = True
            self._clock.add(self, {Turn.MIX: self.tick})

    async def leave(self, call: CallControl) -> None:
        member = self._members.pop(call.call_id, None)
        if member is not None:
            member.end()

    def _lose(self, member: "_Member") -> None:
        if self._members.pop(member.call.call_id, None) is not None:
            member.end()
            self._departed.put_nowait(member.call)

    async def next_departure(self) -> CallControl:
        return await self._departed.get()

    async def close(self) -> None:
        for member in list(self._members.values()):
            await self.leave(member.call)
        if self._takes:
            await self.stop_recording()
        if self._is_ticking:
            self._is_ticking = False
            self._clock.remove(self)

    # --- what a leg hears and who hears it ---

    async def hold(self, call: CallControl, music: Sequence[Clip]) -> None:
        sounds = [await asyncio.to_thread(read_clip, clip) for clip in music]
        member = self._members.get(call.call_id)  # it may have hung up meanwhile
        if member is not None:
            member.hold(b"".join(sounds))

    async def resume(self, call: CallControl) -> None:
        if call.call_id in self._members:
            self._members[call.call_id].resume()

    async def mute(self, call: CallControl, *, is_muted: bool) -> None:
        if call.call_id in self._members:
            self._members[call.call_id].is_muted = is_muted

    # --- recording ---

    async def start_recording(self, folder: Path) -> None:
        if self._takes:
            return
        self._is_paused = False
        self._takes = {
            side: self._writer.open(folder / f"{side}.wav", on_failed=partial(self._complain, side)) for side in Side
        }

    def _complain(self, side: Side) -> None:
        """From a thread. The talk goes on; `stop_recording` raises."""
        log.error("line.conversation.recording_failed", conversation_id=self._id, side=side.value)

    async def pause_recording(self, *, is_paused: bool) -> None:
        self._is_paused = is_paused

    async def stop_recording(self) -> SideRecordings | None:
        if not self._takes:
            return None
        takes, self._takes = self._takes, {}
        ended = {side: take.finish() for side, take in takes.items()}
        facts = {side: await asyncio.wrap_future(each) for side, each in ended.items()}
        return SideRecordings(takes[Side.AGENT].path, takes[Side.CITIZEN].path, facts[Side.CITIZEN].duration_ms)

    # --- every 20 ms ---

    def tick(self) -> None:
        members = tuple(self._members.values())
        frames = {member: member.next_frame() for member in members}
        for member in members:
            if member.music:
                member.play(member.next_music())
                continue
            heard = [
                frame
                for speaker, frame in frames.items()
                if frame is not None and speaker is not member and is_heard(speaker.role, member.role)
            ]
            if heard:
                member.play(_mixed(heard))
        self._pass_on(frames)

    def _pass_on(self, frames: Mapping["_Member", bytes | None]) -> None:
        """To the recording and to whoever listens: what the citizen hears, and what he says."""
        for side in Side:
            voices = [frame for member, frame in frames.items() if frame is not None and side_of(member.role) is side]
            sound = _SILENCE if self._is_paused else _mixed(voices)
            if side in self._takes:
                self._takes[side].write(sound)
            if self.on_sound is not None:
                self.on_sound(side, sound)


class _Member:
    """One leg: what it said and nobody has heard yet, and what it hears instead of the others while it is held."""

    def __init__(self, call: CallControl, audio: CallAudio, stream: MediaStream, role: LegRole) -> None:
        self.call = call
        self.role = role
        self.is_muted = False
        self.music = b""
        self._audio = audio
        self._stream = stream
        self._music_at = 0
        self._said = bytearray()

    def begin(self, on_over: Callable[[], None]) -> None:
        self._audio.on_sound = self._hear
        self._audio.on_over = on_over
        self._stream.discard()
        self._stream.start_hearing(is_live=True)

    def end(self) -> None:
        self._audio.on_sound = self._audio.on_over = None
        self._stream.stop_hearing()
        self._stream.discard()

    def hold(self, music: bytes) -> None:
        self.music, self._music_at = music or _SILENCE, 0

    def resume(self) -> None:
        self.music = b""

    def play(self, pcm: bytes) -> None:
        self._stream.play(encode(pcm, self._stream.encoding))

    def next_frame(self) -> bytes | None:
        """What it says to the others now; None: nothing."""
        frame = bytes(self._said[:_FRAME_BYTES])
        del self._said[:_FRAME_BYTES]
        if self.is_muted or self.music or not frame:
            return None
        return frame.ljust(_FRAME_BYTES, b"\0")

    def next_music(self) -> bytes:
        frame = self.music[self._music_at : self._music_at + _FRAME_BYTES]
        self._music_at += len(frame)
        if self._music_at >= len(self.music):
            self._music_at = 0
        return frame.ljust(_FRAME_BYTES, b"\0")

    def _hear(self, pcm: bytes) -> None:
        self._said += pcm
        if len(self._said) > _MOST_WAITING_BYTES:
            del self._said[: len(self._said) - _MOST_WAITING_BYTES]


def _mixed(frames: Sequence[bytes]) -> bytes:
    """The sum, cut off where it is too loud."""
    if not frames:
        return _SILENCE
    if len(frames) == 1:
        return frames[0]
    total = np.sum([np.frombuffer(frame, "<i2") for frame in frames], axis=0, dtype=np.int32)
    return np.clip(total, -32768, 32767).astype("<i2").tobytes()
