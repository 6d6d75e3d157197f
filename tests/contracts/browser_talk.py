"""Two people with browsers on one switchboard: a citizen's page and a seat's phone, both on the browser line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.adapters.conversation_hub import MixingSwitchboard
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.wav_recorder import RecordingWriter
from ivr.ports import SAMPLE_RATE, CallControl, Switchboard
from kit.ids import new_id
from tests.contracts.eventually import eventually
from tests.contracts.sounds import share_of, tone
from tests.support.browser_page import BrowserPage, browser_line, browser_page

_RINGS_S = 8


class BrowserPerson:
    def __init__(self, page: BrowserPage) -> None:
        self._page = page

    async def hum(self, hertz: float) -> None:
        self._page.say(tone(60, hertz=hertz))

    async def hears(self, hertz: float, within_s: float = 5) -> bool:
        try:
            await eventually(lambda: share_of(hertz, self._last_moments()) > 0.4, within_s=within_s)
        except TimeoutError:
            return False
        return True

    def _last_moments(self, seconds: float = 0.5) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
        heard = bytes(self._page.heard[-int(seconds * SAMPLE_RATE) * 2 :])
        return np.frombuffer(heard, "<i2")

    async def hang_up(self) -> None:
        await self._page.hang_up()


@dataclass(frozen=True)
class BrowserTalkers:
    switchboard: Switchboard
    citizen: CallControl
    agent: CallControl
    on_citizens_phone: BrowserPerson
    on_agents_phone: BrowserPerson


@dataclass
class BrowserTalkRig:
    folder: Path

    @asynccontextmanager
    async def two(self) -> AsyncIterator[BrowserTalkers]:
        clock, writer = FrameClock(lambda: None), RecordingWriter()
        person_id = new_id()
        async with browser_line(clock) as stage, browser_page(stage) as outside, browser_page(stage) as inside:
            await outside.say_hello(stage.token())
            citizen = await stage.next_call()
            await citizen.answer()
            await inside.say_hello(stage.token(person_id=person_id))
            await inside.text("registered")
            dialling = asyncio.create_task(
                stage.line.dialler.dial(f"browser:{person_id}", call_id=new_id(), ring_timeout_s=_RINGS_S)
            )
            ring = await inside.text("ring")
            await inside.send("answer", call_id=ring["call_id"])
            agent = await dialling
            try:
                yield BrowserTalkers(
                    MixingSwitchboard(clock, writer), citizen, agent, BrowserPerson(outside), BrowserPerson(inside)
                )
            finally:
                await asyncio.to_thread(writer.close)
