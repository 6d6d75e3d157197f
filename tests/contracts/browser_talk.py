"""Two people with browsers on one switchboard: a citizen's page and a seat's phone, both on the browser line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np

from ivr.adapters.conversation_hub import MixingSwitchboard
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.wav_recorder import RecordingWriter
from kit.ids import new_id
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone
from tests.contracts.talk_rigs import AUDIBLE, Talkers, share_of
from tests.support.browser_page import BrowserPage, browser_line, browser_page

_RINGS_S = 8


class BrowserPerson:
    def __init__(self, page: BrowserPage) -> None:
        self._page = page

    async def hum(self, hertz: float) -> None:
        self._page.say(tone(60, hertz=hertz))

    async def hears(self, hertz: float, within_s: float = 5) -> bool:
        return await self._until(lambda: self._share(hertz) > AUDIBLE, within_s)

    async def hears_no_more(self, hertz: float, within_s: float = 5) -> bool:
        return await self._until(lambda: self._share(hertz) <= AUDIBLE, within_s)

    async def _until(self, is_so: Callable[[], bool], within_s: float) -> bool:
        try:
            await eventually(is_so, within_s=within_s)
        except TimeoutError:
            return False
        return True

    def _share(self, hertz: float) -> float:
        return share_of(hertz, np.frombuffer(self._page.last_moments(), "<i2"))

    async def hang_up(self) -> None:
        await self._page.hang_up()


class BrowserTalkRig:
    @asynccontextmanager
    async def two(self) -> AsyncIterator[Talkers]:
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
                yield Talkers(
                    MixingSwitchboard(clock, writer), citizen, agent, BrowserPerson(outside), BrowserPerson(inside)
                )
            finally:
                await asyncio.to_thread(writer.close)
