"""An operator's telephone: calls any line, speaks, presses keys, records what it hears, reports how it went.

Uses the line's own stack with sockets of its own; it needs no running hotline on this machine.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.embedded_sip.config import EmbeddedSipConfig
from ivr.adapters.embedded_sip.ear import Ear
from ivr.adapters.embedded_sip.line import EmbeddedSipLine
from ivr.domain.errors import CallerHungUp
from ivr.ports import ANY_DIGIT, Clip, DialFailed, Recorded
from kit.errors import Invalid
from kit.ids import new_id

_CUE_LIMIT_S = 30.0

Cue = Literal["beep", "quiet", "either"]


class KeysWrong(Invalid):
    code = "test_phone.keys_wrong"


@dataclass(frozen=True, slots=True)
class TimedKey:
    """One key, pressed so long after the one before it (or after the voice, or the answer)."""

    digit: str
    after_s: float = 1.5


@dataclass(frozen=True, slots=True)
class TestCallReport:
    __test__ = False  # not for pytest

    answer_ms: int | None
    """From INVITE to pick-up; None: nobody picked up."""
    heard_wav: Path
    """What the line said, from the pick-up on; missing when nobody picked up."""
    heard_ms: int
    """Of it, sound above the noise floor."""
    digits_sent: str
    ended_by: Literal["line", "phone", "not_answered"]
    cause: str
    duration_ms: int
    """From pick-up to the end."""


async def place_test_call(
    to_uri: str,
    *,
    heard_wav: Path,
    wav: Path | None = None,
    keys: Sequence[TimedKey] | str = "",
    voice_after: float | Cue = "either",
    stay_s: float = 3.0,
    max_s: float = 120.0,
    ring_timeout_s: float = 30.0,
    number: str = "1000",
    config: EmbeddedSipConfig | None = None,
) -> TestCallReport:
    """Call `to_uri` as `number` and act. Order: all keys but the last, the voice, the last key; a single key comes
    before the voice. The voice waits `voice_after` seconds, or for the line's first beep or silence.
    Afterwards it stays on `stay_s` seconds and hangs up, unless the line did. Raises KeysWrong, OSError.
    """
    presses = _timed(keys)
    phone = EmbeddedSipLine(config or _phone_config(number))
    await phone.start()
    started = time.monotonic()
    try:
        try:
            call = await phone.dialler.place(to_uri, call_id=new_id(), ring_timeout_s=ring_timeout_s)
        except DialFailed as failed:
            return TestCallReport(None, heard_wav, 0, "", "not_answered", f"{failed.failure}: {failed.cause}", 0)
        answer_ms = round((time.monotonic() - started) * 1000)
        report = await _talk(_Caller(call, wav, presses, voice_after, stay_s), heard_wav, max_s)
        return replace(report, answer_ms=answer_ms)
    finally:
        await phone.stop()


def _phone_config(number: str) -> EmbeddedSipConfig:
    return EmbeddedSipConfig(port=0, rtp_port_min=25000, rtp_port_max=29999, max_calls=1, line_number=number)


async def _talk(caller: "_Caller", heard_wav: Path, max_s: float) -> TestCallReport:
    call = caller.call
    picked_up = time.monotonic()
    acting = asyncio.create_task(caller.act())
    try:
        heard: Recorded = await call.record(heard_wav, max_s=max_s, stop_on="", on_sound=caller.ear.hear)
    finally:
        acting.cancel()
        await asyncio.wait([acting])
    await call.hang_up()
    return TestCallReport(
        answer_ms=None,
        heard_wav=heard_wav,
        heard_ms=heard.speech_ms,
        digits_sent=caller.sent,
        ended_by="phone" if call.end_cause == "local_bye" else "line",
        cause=call.end_cause or "",
        duration_ms=round((time.monotonic() - picked_up) * 1000),
    )


@dataclass(slots=True)
class _Caller:
    """What the person at the test phone does, beside the recording."""

    call: SipCall
    wav: Path | None
    presses: Sequence[TimedKey]
    voice_after: float | Cue
    stay_s: float
    sent: str = ""
    ear: Ear = field(default_factory=Ear)

    async def act(self) -> None:
        last = self.presses[-1:] if self.wav is not None and len(self.presses) > 1 else ()
        try:
            for press in self.presses[: len(self.presses) - len(last)]:
                await self._press(press)
            if self.wav is not None:
                await self._wait_for_cue()
                await self.call.play([Clip("voice", self.wav)], interrupt_on="")
            for press in last:
                await self._press(press)
            await asyncio.sleep(self.stay_s)
        except CallerHungUp:
            return
        await self.call.hang_up()

    async def _press(self, press: TimedKey) -> None:
        await asyncio.sleep(press.after_s)
        released = self.call.stream.send_key(press.digit)
        self.sent += press.digit  # the line may hang up on it before it is released
        await released

    async def _wait_for_cue(self) -> None:
        match self.voice_after:
            case "beep":
                cues = [self.ear.beeped]
            case "quiet":
                cues = [self.ear.quiet]
            case "either":
                cues = [self.ear.beeped, self.ear.quiet]
            case seconds:
                await asyncio.sleep(seconds)
                return
        self.ear.start_over()  # what was heard before the last key was about something else
        waiting = [asyncio.create_task(cue.wait()) for cue in cues]
        try:
            await asyncio.wait(waiting, timeout=_CUE_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()


def _timed(keys: Sequence[TimedKey] | str) -> list[TimedKey]:
    """`1,#` → one key each; raises KeysWrong."""
    presses = [TimedKey(part.strip()) for part in keys.split(",") if part.strip()] if isinstance(keys, str) else keys
    wrong = [press.digit for press in presses if len(press.digit) != 1 or press.digit not in ANY_DIGIT]
    if wrong:
        raise KeysWrong(f"not a key: {wrong[0]}")
    return list(presses)
