"""A telephone line without a network: callers are lists of acts, time is virtual, recordings are real files.

For unit tests and journeys. Nothing here waits: silence passes at once.
"""

import asyncio
import wave
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.wav_recorder import measure_wav
from ivr.domain.errors import CallerHungUp, RecordingFailed
from ivr.domain.hearing import Heard
from ivr.ports import (
    ANY_DIGIT,
    SAMPLE_RATE,
    Clip,
    DialFailed,
    DialFailure,
    DigitPress,
    Listening,
    Recorded,
    RecordEnd,
)
from kit.storage.file_store import fsync_path

_SAME_PRESS_MS = 300
_BETWEEN_PRESSES_MS = 400
_LOUD = b"\x00\x20\x00\xe0"  # two samples: +8192, -8192


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys one after the other: in the middle of the prompt `during`, else when the line next listens."""

    keys: str
    during: str | None = None
    gap_ms: int = _BETWEEN_PRESSES_MS


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up: in the middle of the prompt `during`, else when the line next listens (or records)."""

    during: str | None = None
    cause: str = "bye"


@dataclass(frozen=True, slots=True)
class Say:
    """Speak while the line records or waits for an answer: `pcm` (8 kHz, 16-bit), or so many seconds of a loud tone."""

    seconds: float = 0.0
    pcm: bytes = b""

    def sound(self) -> bytes:
        return self.pcm or _LOUD * int(self.seconds * SAMPLE_RATE / 2)


@dataclass(frozen=True, slots=True)
class Wait:
    """Let one question of the line pass in silence."""


@dataclass(frozen=True, slots=True)
class StayOn:
    """Neither speak, press nor hang up, for ever: only cancelling ends it. During the prompt, or when listened to."""

    during: str | None = None


Act = Press | HangUp | Say | Wait | StayOn


class SimulatedCall:
    """A CallControl whose caller does what the acts say, in their order, and after them nothing."""

    def __init__(
        self,
        acts: Sequence[Act] = (),
        *,
        call_id: str = "call1",
        caller: str = "13900000001",
        line: str = "12345",
        cancelled: bool = False,
        disk_full_after_s: float | None = None,
    ) -> None:
        self.call_id, self.caller, self.line = call_id, caller, line
        self.heard: list[str] = []
        """Keys of the clips that began to play, in order."""
        self.is_answered = False
        self.is_hung_up_by_us = False
        self._acts = deque(acts)
        self._cancelled = cancelled
        self._disk_full_after_s = disk_full_after_s
        self._now_ms = 0
        self._presses: list[DigitPress] = []
        self._waiting: deque[str] = deque()
        self._end_cause: str | None = None

    @property
    def digits(self) -> Sequence[DigitPress]:
        return self._presses

    @property
    def end_cause(self) -> str | None:
        return self._end_cause

    async def answer(self) -> None:
        if self._cancelled:
            self._end_cause = "cancel"
        self._must_live()
        self.is_answered = True

    async def play(self, clips: Sequence[Clip], *, interrupt_on: str = ANY_DIGIT) -> str | None:
        self._must_live()
        if (digit := self._next_waiting(interrupt_on)) is not None:
            return digit
        for clip in clips:
            await asyncio.sleep(0)  # whoever else is at work has his turn
            self.heard.append(clip.key)
            duration_ms = _duration_ms(clip.path)
            self._now_ms += duration_ms // 2
            await self._do_acts_during(clip.key)
            if (digit := self._next_waiting(interrupt_on)) is not None:
                return digit
            self._now_ms += duration_ms - duration_ms // 2
        return None

    async def read_digit(self, timeout_s: float) -> str | None:
        self._must_live()
        if not self._waiting and self._acts:
            match self._acts[0]:
                case Wait():
                    self._acts.popleft()
                case Press(during=None) | HangUp(during=None) | StayOn(during=None):
                    await self._do(self._acts.popleft())
        if self._waiting:
            return self._waiting.popleft()
        self._now_ms += int(timeout_s * 1000)
        return None

    async def read_answer(self, listening: Listening, timeout_s: float) -> str | Heard | None:
        self._must_live()
        if not self._waiting and self._acts and isinstance(said := self._acts[0], Say):
            self._acts.popleft()
            answer = await self._understood(listening, said.sound())
            if answer is not None:
                return answer
        return await self.read_digit(timeout_s)

    async def _understood(self, listening: Listening, sound: bytes) -> Heard | None:
        began_ms = self._now_ms
        self._now_ms += len(sound) * 1000 // (2 * SAMPLE_RATE)
        listening.hear(sound)
        while (heard := await listening.next_heard()) is not None:
            if heard.is_final and listening.is_reliable:
                return heard.later(began_ms)
        return None

    async def record(
        self,
        path: Path,
        *,
        max_s: float,
        stop_on: str = ANY_DIGIT,
        on_sound: Callable[[bytes], None] | None = None,
    ) -> Recorded:
        self._must_live()
        self._waiting.clear()
        most_bytes = int(max_s * SAMPLE_RATE) * 2
        sound, ended_by = b"", None
        while ended_by is None and self._acts and len(sound) < most_bytes:
            match self._acts[0]:
                case Say() as said:
                    sound += said.sound()
                case Press(keys=keys) if set(keys) & set(stop_on):
                    self._press(keys)
                    self._waiting.clear()
                    ended_by = RecordEnd.DIGIT
                case HangUp(cause=cause):
                    self._end_cause = cause
                    ended_by = RecordEnd.HANGUP
                case StayOn():
                    write_wav(path, sound)
                    await asyncio.Event().wait()
                case _:
                    break
            self._acts.popleft()
        if ended_by is None:
            sound, ended_by = sound.ljust(most_bytes, b"\0"), RecordEnd.LIMIT
        sound = sound[:most_bytes]
        self._now_ms += len(sound) * 1000 // (2 * SAMPLE_RATE)
        if on_sound is not None:
            on_sound(sound)
        if self._disk_full_after_s is not None:
            if path.parent.exists():
                write_wav(path, sound[: int(self._disk_full_after_s * SAMPLE_RATE) * 2])
            raise RecordingFailed("no space left on device")
        write_wav(path, sound)
        facts = measure_wav(path)
        return Recorded(path, facts.duration_ms, facts.speech_ms, facts.sha256, ended_by)

    async def hang_up(self) -> None:
        if self._end_cause is None:
            self._end_cause, self.is_hung_up_by_us = "local_bye", True

    def go(self, cause: str) -> None:
        """The other side is gone, whatever the acts say."""
        self._end_cause = self._end_cause or cause

    def _must_live(self) -> None:
        if self._end_cause is not None:
            raise CallerHungUp

    async def _do_acts_during(self, key: str) -> None:
        while self._acts:
            match self._acts[0]:
                case Press(during=during) | HangUp(during=during) | StayOn(during=during) if during == key:
                    await self._do(self._acts.popleft())
                case _:
                    return

    async def _do(self, act: Act) -> None:
        match act:
            case Press(keys=keys, gap_ms=gap_ms):
                self._press(keys, gap_ms)
            case HangUp(cause=cause):
                self._end_cause = cause
                raise CallerHungUp
            case StayOn():
                await asyncio.Event().wait()

    def _press(self, keys: str, gap_ms: int = _BETWEEN_PRESSES_MS) -> None:
        for key in keys:
            last_ms = max((press.at_ms for press in self._presses if press.digit == key), default=-_SAME_PRESS_MS)
            if self._now_ms - last_ms >= _SAME_PRESS_MS:
                self._presses.append(DigitPress(key, self._now_ms))
                self._waiting.append(key)
            self._now_ms += gap_ms

    def _next_waiting(self, interrupt_on: str) -> str | None:
        """The first waiting digit that is listed; the others before it are dropped."""
        while self._waiting:
            digit = self._waiting.popleft()
            if digit in interrupt_on:
                return digit
        return None


class SimulatedDialler:
    """A Dialler over a telephone book: number → acts of the citizen who answers, or why nobody does."""

    def __init__(self, citizens: Mapping[str, Sequence[Act] | DialFailure]) -> None:
        self._citizens = dict(citizens)
        self.calls: list[SimulatedCall] = []
        self.dialled: list[str] = []

    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> SimulatedCall:
        self.dialled.append(number)
        behaviour = self._citizens.get(number, DialFailure.INVALID_NUMBER)
        if isinstance(behaviour, DialFailure):
            raise DialFailed(behaviour, "simulated")
        call = SimulatedCall(behaviour, call_id=call_id, caller=number)
        await call.answer()
        self.calls.append(call)
        return call


def _duration_ms(path: Path) -> int:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() * 1000 // sound.getframerate()


def write_wav(path: Path, pcm: bytes) -> None:
    try:
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(SAMPLE_RATE)
            out.writeframes(pcm)
        fsync_path(path)
    except OSError as error:
        raise RecordingFailed("the recording could not be written") from error
