"""Play, barge-in, digits and recording of one call, on any MediaStream.

Every telephony adapter builds its CallControl on this, so that prompts and keys behave alike on all of them.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from ivr.adapters.sound import SoundShelf
from ivr.adapters.spoken_answer import SpokenAnswer
from ivr.adapters.wav_recorder import Recording, RecordingWriter
from ivr.domain.errors import CallerHungUp, RecordingFailed
from ivr.domain.hearing import Heard
from ivr.ports import ANY_DIGIT, SAMPLE_RATE, Clip, DigitPress, Listening, MediaStream, Recorded, RecordEnd

SAME_PRESS_S = 0.3
"""The same digit again within this time is the same press (echoed as RTP and INFO, or a bouncing key)."""


class CallAudio:
    """Implements MediaListener. Born when the call is answered; `end` when it is over."""

    def __init__(self, stream: MediaStream, shelf: SoundShelf, writer: RecordingWriter) -> None:
        self._stream = stream
        self._shelf = shelf
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._answered_at = self._loop.time()
        self.presses: list[DigitPress] = []
        self._last_press: dict[str, float] = {}
        self._waiting_digits: deque[str] = deque()
        self._is_over = False
        self._is_played = False
        self._happened = asyncio.Event()
        self._take: _Take | None = None
        self.on_sound: Callable[[bytes], None] | None = None
        """Gets the sound that is heard, as it comes."""
        self.on_over: Callable[[], None] | None = None
        """Told once, when the call is over."""
        stream.listener = self

    # --- MediaListener ---

    def frame_heard(self, pcm: bytes) -> None:
        if self._take is not None and self._take.add(pcm):
            self._happened.set()
        if self.on_sound is not None:
            self.on_sound(pcm)

    def digit_pressed(self, digit: str) -> None:
        now = self._loop.time()
        if self._is_over or now - self._last_press.get(digit, -SAME_PRESS_S) < SAME_PRESS_S:
            return
        self._last_press[digit] = now
        self.presses.append(DigitPress(digit, round((now - self._answered_at) * 1000)))
        self._waiting_digits.append(digit)
        self._happened.set()

    def sound_played(self) -> None:
        self._is_played = True
        self._happened.set()

    # --- what CallControl offers ---

    def end(self) -> None:
        """The call is over: whoever waits here is told."""
        self._stream.stop_hearing()  # the last words are still under way to the recording
        self._is_over = True
        self._happened.set()
        if self.on_over is not None:
            self.on_over()

    async def play(self, clips: Sequence[Clip], *, interrupt_on: str) -> str | None:
        self._must_live()
        digit = self._next_digit(interrupt_on)
        if digit is not None:
            return digit
        sound = await self._shelf.sound_of(clips, self._stream.encoding)
        self._must_live()
        if not sound:
            return None
        self._is_played = False
        self._stream.play(sound)
        try:
            while True:
                self._happened.clear()
                self._must_live()
                digit = self._next_digit(interrupt_on)
                if digit is not None or self._is_played:
                    return digit
                await self._happened.wait()
        finally:
            self._stream.discard()

    async def read_digit(self, timeout_s: float) -> str | None:
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    self._happened.clear()
                    self._must_live()
                    digit = self._next_digit(ANY_DIGIT)
                    if digit is not None:
                        return digit
                    await self._happened.wait()
        except TimeoutError:
            return None

    async def read_answer(self, listening: Listening, timeout_s: float) -> str | Heard | None:
        self._must_live()
        digit = self._next_digit(ANY_DIGIT)
        if digit is not None:
            return digit
        began_ms = round((self._loop.time() - self._answered_at) * 1000)
        spoken = SpokenAnswer(listening, timeout_s, self._happened.set)
        self.on_sound = listening.hear
        self._stream.start_hearing()
        try:
            answer = await self._until_answered(spoken)
        finally:
            self._stream.stop_hearing()
            self.on_sound = None
            spoken.stop()
        return answer.later(began_ms) if isinstance(answer, Heard) else answer

    async def _until_answered(self, spoken: SpokenAnswer) -> str | Heard | None:
        while True:
            self._happened.clear()
            self._must_live()
            answer = self._next_digit(ANY_DIGIT) or spoken.answer
            if answer is not None or spoken.left_s <= 0:
                return answer
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(spoken.left_s):
                    await self._happened.wait()

    async def record(
        self, path: Path, *, max_s: float, stop_on: str, on_sound: Callable[[bytes], None] | None = None
    ) -> Recorded:
        self._must_live()
        self._waiting_digits.clear()  # an impatient key before the beep must not end the message
        recording = self._writer.open(path, on_failed=self._wake_from_thread)
        self._take = _Take(recording, max_samples=int(max_s * SAMPLE_RATE))
        self.on_sound = on_sound
        self._stream.start_hearing()
        try:
            ended_by = await self._until_recorded(self._take, stop_on)
            self._stream.stop_hearing()
        except BaseException:
            self._stream.stop_hearing()
            recording.abandon()
            raise
        finally:
            self._take = self.on_sound = None
        facts = await asyncio.wrap_future(recording.finish())
        return Recorded(path, facts.duration_ms, facts.speech_ms, facts.sha256, ended_by)

    async def _until_recorded(self, take: "_Take", stop_on: str) -> RecordEnd:
        while True:
            self._happened.clear()
            if take.recording.failed:
                raise RecordingFailed("the recording could not be written")
            if self._next_digit(stop_on) is not None:
                return RecordEnd.DIGIT
            if self._is_over:
                return RecordEnd.HANGUP
            if take.is_full:
                return RecordEnd.LIMIT
            await self._happened.wait()

    def _wake_from_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._happened.set)

    def _must_live(self) -> None:
        if self._is_over:
            raise CallerHungUp

    def _next_digit(self, wanted: str) -> str | None:
        """The first waiting press of `wanted`; those before it are dropped, they were not asked for."""
        while self._waiting_digits:
            digit = self._waiting_digits.popleft()
            if digit in wanted:
                return digit
        return None


class _Take:
    """One recording under way, cut at its limit to the sample."""

    def __init__(self, recording: Recording, max_samples: int) -> None:
        self.recording = recording
        self._left_bytes = max_samples * 2

    @property
    def is_full(self) -> bool:
        return self._left_bytes <= 0

    def add(self, pcm: bytes) -> bool:
        """Write on; True once the limit is reached."""
        if self._left_bytes > 0:
            self.recording.write(pcm[: self._left_bytes])
            self._left_bytes -= len(pcm)
        return self.is_full
