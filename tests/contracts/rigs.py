"""What the contract suite needs from an adapter: calls whose other side acts, and numbers that behave.

A caller's acts are those of the simulated line (Press, Say, HangUp). To add an adapter, write one rig
and name it in conftest.py.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.demo.baresip import Baresip, baresip_phone, phone_ports
from ivr.adapters.asterisk import AsteriskLine
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.adapters.simulated import Act, HangUp, Press, Say, SimulatedCall, SimulatedDialler
from ivr.domain.hearing import Heard
from ivr.ports import ANY_DIGIT, CallControl, Clip, DialFailure, Dialler, DigitPress, Listening, Recorded
from kit.ids import new_id
from kit.net import free_port
from tests.contracts.eventually import eventually
from tests.contracts.sipp_peer import sipp
from tests.contracts.sounds import tone, write_wav
from tests.support.asterisk import Asterisk
from tests.support.browser_page import BrowserPage, browser_line, browser_page

CALLER = "13900000001"
LINE = "12345"
_MOMENT_S = 0.3  # how far into a prompt or a question a caller acts


class Rig(Protocol):
    """One adapter under test."""

    def incoming(self, *acts: Act) -> AbstractAsyncContextManager[CallControl]:
        """A ringing call from CALLER to LINE whose caller does the acts, in order."""
        ...

    def cancelled(self) -> AbstractAsyncContextManager[CallControl]:
        """A call whose caller gave up while it rang."""
        ...

    def number_that(self, fails: DialFailure | None) -> AbstractAsyncContextManager[tuple[Dialler, str]]:
        """A dialler, and a number behind it that fails so, or picks up (None)."""
        ...


class SimulatedRig:
    @asynccontextmanager
    async def incoming(self, *acts: Act) -> AsyncIterator[CallControl]:
        yield SimulatedCall(acts, caller=CALLER, line=LINE)

    @asynccontextmanager
    async def cancelled(self) -> AsyncIterator[CallControl]:
        yield SimulatedCall(cancelled=True)

    @asynccontextmanager
    async def number_that(self, fails: DialFailure | None) -> AsyncIterator[tuple[Dialler, str]]:
        yield SimulatedDialler({CALLER: () if fails is None else fails}), CALLER


@dataclass(frozen=True, slots=True)
class StartedLine:
    """A real line that serves; callers reach it at `sip_port`."""

    dialler: Dialler
    sip_port: int


@dataclass
class RealLineRig(ABC):
    """A real line with baresip as the caller and SIPp as the called: both are independent programs."""

    folder: Path

    @abstractmethod
    def serving(self, on_call: Callable[[CallControl], Awaitable[None]]) -> AbstractAsyncContextManager[StartedLine]:
        """The adapter's line, started."""

    @asynccontextmanager
    async def incoming(self, *acts: Act) -> AsyncIterator[CallControl]:
        async with self._line() as (line, arrived), self._phone() as phone:
            await phone.dial(f"sip:{LINE}@127.0.0.1:{line.sip_port}")
            call = await asyncio.wait_for(arrived, 8)
            yield ActedCall(call, phone, acts, self.folder)

    @asynccontextmanager
    async def cancelled(self) -> AsyncIterator[CallControl]:
        async with self._line() as (line, arrived), self._phone() as phone:
            await phone.dial(f"sip:{LINE}@127.0.0.1:{line.sip_port}")
            call = await asyncio.wait_for(arrived, 8)
            await phone.hang_up()
            await phone.wait_for("CALL_CLOSED", timeout_s=8)
            await eventually(lambda: call.end_cause is not None)  # the line may learn it a moment after the phone
            yield call

    @asynccontextmanager
    async def number_that(self, fails: DialFailure | None) -> AsyncIterator[tuple[Dialler, str]]:
        statuses = {
            DialFailure.BUSY: "486",
            DialFailure.REJECTED: "603",
            DialFailure.INVALID_NUMBER: "404",
            DialFailure.CONGESTED: "503",
        }
        async with self._line() as (line, _):
            if fails is DialFailure.UNREACHABLE:
                yield line.dialler, f"sip:{CALLER}@127.0.0.1:{free_port()}"
                return
            scenario = {None: "uas_answer", DialFailure.NO_ANSWER: "uas_ring"}.get(fails, "uas_refuse")
            words = {"code": statuses[fails]} if fails in statuses else {}
            async with sipp(scenario, self.folder / "sipp", words=words) as citizen:
                yield line.dialler, f"sip:{CALLER}@127.0.0.1:{citizen.port}"
                await citizen.passes()

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[tuple[StartedLine, "asyncio.Future[CallControl]"]]:
        arrived: asyncio.Future[CallControl] = asyncio.get_running_loop().create_future()
        over = asyncio.Event()

        async def hand_over(call: CallControl) -> None:
            arrived.set_result(call)
            await over.wait()

        async with self.serving(hand_over) as line:
            try:
                yield line, arrived
            finally:
                over.set()

    def _phone(self) -> AbstractAsyncContextManager[Baresip]:
        silence = write_wav(self.folder / "silence.wav", tone(60, amplitude=0))
        return baresip_phone(self.folder / "baresip", phone_ports(), number=CALLER, silence=silence)


@dataclass
class BrowserRig:
    """The browser line, with a WebSocket client as the page, both of a citizen and of a seat."""

    folder: Path

    @asynccontextmanager
    async def incoming(self, *acts: Act) -> AsyncIterator[CallControl]:
        async with browser_line() as stage, browser_page(stage) as page:
            await page.say_hello(stage.token(caller=CALLER))
            yield ActedCall(await stage.next_call(), page, acts, self.folder)

    @asynccontextmanager
    async def cancelled(self) -> AsyncIterator[CallControl]:
        async with browser_line() as stage, browser_page(stage) as page:
            await page.say_hello(stage.token(caller=CALLER))
            call = await stage.next_call()
            await page.hang_up()
            await page.text("ended")
            yield call

    @asynccontextmanager
    async def number_that(self, fails: DialFailure | None) -> AsyncIterator[tuple[Dialler, str]]:
        person_id = new_id()
        number = "10086" if fails is DialFailure.INVALID_NUMBER else f"browser:{person_id}"
        async with browser_line() as stage, browser_page(stage) as page:
            if fails is not DialFailure.UNREACHABLE:
                await page.say_hello(stage.token(person_id=person_id))
                await page.text("registered")
            if fails is DialFailure.CONGESTED:
                await stage.line.stop()
            seat = asyncio.create_task(_sit_at(page, fails))
            if fails is DialFailure.BUSY:
                await stage.line.dialler.dial(number, call_id="before", ring_timeout_s=5)
            try:
                yield stage.line.dialler, number
            finally:
                seat.cancel()


async def _sit_at(page: BrowserPage, fails: DialFailure | None) -> None:
    """What the person at the seat does when it rings."""
    ring = await page.text("ring")
    await page.send("ringing", call_id=ring["call_id"])
    if fails in (None, DialFailure.BUSY):
        await page.send("answer", call_id=ring["call_id"])
    elif fails is DialFailure.REJECTED:
        await page.send("decline", call_id=ring["call_id"])


class ActingPhone(Protocol):
    """What a caller acts with."""

    async def press(self, key: str) -> None: ...

    async def speak(self, wav: Path) -> None:
        """Begin to say what is in the file."""
        ...

    async def hang_up(self) -> None: ...


@dataclass
class EmbeddedSipRig(RealLineRig):
    """The line of this process."""

    @asynccontextmanager
    async def serving(self, on_call: Callable[[CallControl], Awaitable[None]]) -> AsyncIterator[StartedLine]:
        config = EmbeddedSipConfig(
            host="127.0.0.1", port=0, rtp_port_min=21000, rtp_port_max=24998, line_number=LINE, stop_within_s=2
        )
        line = EmbeddedSipLine(config)
        line.on_call = on_call
        await line.start()
        try:
            yield StartedLine(line.dialler, line.port)
        finally:
            await line.stop()


@dataclass
class AsteriskRig(RealLineRig):
    """A real Asterisk with the shipped configuration, shared by the tests of a session; the line is each test's own."""

    asterisk: Asterisk

    @asynccontextmanager
    async def serving(self, on_call: Callable[[CallControl], Awaitable[None]]) -> AsyncIterator[StartedLine]:
        line = AsteriskLine(self.asterisk.config())
        line.on_call = on_call
        await line.start()
        try:
            await asyncio.wait_for(line.connected.wait(), 8)
            yield StartedLine(line.dialler, self.asterisk.sip_port)
        finally:
            await line.stop()
        left = await asyncio.to_thread(self.asterisk.left_behind)
        assert left == [], "every channel and bridge must be gone after the call"


class ActedCall:
    """The real call, and beside it the caller's acts, each at the moment it belongs to."""

    def __init__(self, call: CallControl, phone: ActingPhone, acts: Sequence[Act], folder: Path) -> None:
        self._call, self._phone, self._folder = call, phone, folder
        self._acts = deque(acts)
        self.call_id, self.caller, self.line = call.call_id, call.caller, call.line

    @property
    def digits(self) -> Sequence[DigitPress]:
        return self._call.digits

    @property
    def end_cause(self) -> str | None:
        return self._call.end_cause

    async def answer(self) -> None:
        await self._call.answer()

    async def play(self, clips: Sequence[Clip], *, interrupt_on: str = ANY_DIGIT) -> str | None:
        keys = [clip.key for clip in clips]
        acting = asyncio.create_task(self._act(lambda act: getattr(act, "during", None) in keys))
        try:
            return await self._call.play(clips, interrupt_on=interrupt_on)
        finally:
            await acting

    async def read_digit(self, timeout_s: float) -> str | None:
        acting = asyncio.create_task(self._act(lambda act: getattr(act, "during", None) is None, most=1))
        try:
            return await self._call.read_digit(timeout_s)
        finally:
            await acting

    async def read_answer(self, listening: Listening, timeout_s: float) -> str | Heard | None:
        acting = asyncio.create_task(self._act(lambda act: getattr(act, "during", None) is None, most=1))
        try:
            return await self._call.read_answer(listening, timeout_s)
        finally:
            await acting

    async def record(
        self,
        path: Path,
        *,
        max_s: float,
        stop_on: str = ANY_DIGIT,
        on_sound: Callable[[bytes], None] | None = None,
    ) -> Recorded:
        acting = asyncio.create_task(self._act(lambda act: getattr(act, "during", None) is None))
        try:
            return await self._call.record(path, max_s=max_s, stop_on=stop_on, on_sound=on_sound)
        finally:
            acting.cancel()
            await asyncio.wait([acting])

    async def hang_up(self) -> None:
        await self._call.hang_up()

    async def _act(self, belongs: Callable[[Act], bool], most: int = 9) -> None:
        while most and self._acts and belongs(self._acts[0]):
            most -= 1
            await asyncio.sleep(_MOMENT_S)
            match self._acts.popleft():
                case Press(keys=keys, gap_ms=gap_ms):
                    for key in keys:
                        await self._phone.press(key)
                        await asyncio.sleep(gap_ms / 1000)
                case HangUp():
                    await self._phone.hang_up()
                case Say() as said:
                    sound = write_wav(self._folder / "said.wav", said.sound() + tone(30, amplitude=0))
                    await self._phone.speak(sound)
                    await asyncio.sleep(len(said.sound()) / 16000)
