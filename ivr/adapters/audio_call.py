"""What a live call offers its script on any line whose sound is frames; the line adds how it begins and ends."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ivr.adapters.call_audio import CallAudio
from ivr.domain.errors import CallerHungUp
from ivr.domain.hearing import Heard
from ivr.ports import ANY_DIGIT, Clip, DigitPress, Listening, Recorded


class AudioCall:
    """CallControl but for `answer` and `hang_up`. A line sets `_audio` with the answer, `_end_cause` at the end."""

    def __init__(self, *, call_id: str, caller: str, line: str) -> None:
        self.call_id = call_id
        self.caller = caller
        self.line = line
        self._audio: CallAudio | None = None
        self._end_cause: str | None = None

    @property
    def digits(self) -> Sequence[DigitPress]:
        return tuple(self._audio.presses) if self._audio is not None else ()

    @property
    def end_cause(self) -> str | None:
        return self._end_cause

    async def play(self, clips: Sequence[Clip], *, interrupt_on: str = ANY_DIGIT) -> str | None:
        return await self.audio.play(clips, interrupt_on=interrupt_on)

    async def read_digit(self, timeout_s: float) -> str | None:
        return await self.audio.read_digit(timeout_s)

    async def read_answer(self, listening: Listening, timeout_s: float) -> str | Heard | None:
        return await self.audio.read_answer(listening, timeout_s)

    async def record(
        self,
        path: Path,
        *,
        max_s: float,
        stop_on: str = ANY_DIGIT,
        on_sound: Callable[[bytes], None] | None = None,
    ) -> Recorded:
        return await self.audio.record(path, max_s=max_s, stop_on=stop_on, on_sound=on_sound)

    # --- beyond the port ---

    @property
    def is_answered(self) -> bool:
        return self._audio is not None

    @property
    def audio(self) -> CallAudio:
        """For conversations, and for telephones, which listen and speak at the same time. Raises CallerHungUp."""
        if self._audio is None:
            raise self._why_not_up()
        return self._audio

    def _why_not_up(self) -> Exception:
        return CallerHungUp() if self._end_cause is not None else RuntimeError("the call was not answered yet")

    def _must_live(self) -> None:
        if self._end_cause is not None:
            raise CallerHungUp
