"""A browser line on a stage, and pages that talk to it: WebSocket clients that speak in even frames like a real one."""

import asyncio
import json
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ivr.adapters.browser_line import BrowserLine, BrowserLineConfig
from ivr.adapters.frame_clock import FrameClock
from ivr.domain.phone_token import PhoneToken, opened, sealed
from ivr.ports import SAMPLE_RATE, CallControl
from kit.ids import new_id

_KEY = b"key of a test"
_FRAME = 320
_WITHIN_S = 8
ORIGIN = "http://hotline.test"


def read_token(text: str) -> PhoneToken:
    return opened(text, _KEY, datetime.now(UTC))


@dataclass
class LineStage:
    line: BrowserLine
    arrived: "asyncio.Queue[CallControl]"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.line.port}/phone"

    def token(self, *, person_id: str = "", caller: str = "anonymous", **more: Any) -> str:
        usual: dict[str, Any] = {
            "serial": new_id(),
            "origin": ORIGIN,
            "address": "192.0.2.1",
            "expires_at": time.time() + 60,
        }
        return sealed(PhoneToken(person_id=person_id, caller=caller, **(usual | more)), _KEY)

    async def next_call(self) -> CallControl:
        return await asyncio.wait_for(self.arrived.get(), _WITHIN_S)


@asynccontextmanager
async def browser_line(clock: FrameClock | None = None, **limits: Any) -> AsyncIterator[LineStage]:
    """A line on a free port; its calls are handed out by `next_call` and live until the block ends."""
    line = BrowserLine(BrowserLineConfig(port=0, **limits), read_token, clock)
    stage = LineStage(line, asyncio.Queue())
    over = asyncio.Event()

    async def hand_over(call: CallControl) -> None:
        stage.arrived.put_nowait(call)
        await over.wait()

    line.on_call = hand_over
    await line.start()
    try:
        yield stage
    finally:
        over.set()
        await line.stop()


@dataclass
class BrowserPage:
    """One open page. `heard` grows by what is played to it."""

    connection: ClientConnection
    heard: bytearray = field(default_factory=bytearray)
    is_silent: bool = False
    """Sends no frames any more, as a page that hangs."""
    _heard_at: float = 0.0
    _texts: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    _voice: bytearray = field(default_factory=bytearray)
    _has_spoken: asyncio.Event = field(default_factory=asyncio.Event)

    async def say_hello(self, token: str) -> None:
        await self.send("hello", token=token)

    async def send(self, kind: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **fields}))
        self._has_spoken.set()

    async def text(self, kind: str) -> dict[str, Any]:
        """The next text of this kind; others are dropped."""
        async with asyncio.timeout(_WITHIN_S):
            while True:
                text = await self._texts.get()
                if text["type"] == kind:
                    return text

    async def closing(self) -> tuple[int, str]:
        """Wait until the line closes; its code and reason."""
        async with asyncio.timeout(_WITHIN_S):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""

    def last_moments(self, seconds: float = 0.5) -> bytes:
        """What came out of its loudspeaker just now: silence where the line sent nothing."""
        quiet_s = min(seconds, time.monotonic() - self._heard_at)
        sounded = int((seconds - quiet_s) * SAMPLE_RATE) * 2
        return bytes(self.heard[len(self.heard) - sounded :]) + bytes(int(quiet_s * SAMPLE_RATE) * 2)

    async def press(self, key: str) -> None:
        await self.send("digit", digit=key)

    async def speak(self, wav: Path) -> None:
        with wave.open(str(wav), "rb") as sound:
            self.say(sound.readframes(sound.getnframes()))

    def say(self, pcm: bytes) -> None:
        """From now on, instead of what was being said."""
        self._voice[:] = pcm

    @property
    def has_said_all(self) -> bool:
        return not self._voice

    async def hang_up(self) -> None:
        await self.send("hang_up")

    def vanish(self) -> None:
        """The network is gone: no goodbye."""
        self.connection.transport.abort()

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self.connection:
                if isinstance(message, bytes):
                    self.heard += message
                    self._heard_at = time.monotonic()
                else:
                    self._texts.put_nowait(json.loads(message))

    async def keep_sounding(self) -> None:
        """Frames of the voice, or of silence, as soon as the page has said who it is."""
        await self._has_spoken.wait()
        loop = asyncio.get_running_loop()
        due = loop.time()
        with suppress(ConnectionClosed):
            while True:
                due += 0.02
                await asyncio.sleep(due - loop.time())
                frame = bytes(self._voice[:_FRAME]).ljust(_FRAME, b"\0")
                del self._voice[:_FRAME]
                if not self.is_silent:
                    await self.connection.send(frame)


@asynccontextmanager
async def browser_page(stage: LineStage, *, origin: str | None = ORIGIN) -> AsyncIterator[BrowserPage]:
    """A page with an open socket; it has said nothing yet."""
    async with connect(stage.url, origin=origin, compression=None, ping_interval=None) as connection:  # type: ignore[arg-type]
        page = BrowserPage(connection)
        running = [asyncio.create_task(part()) for part in (page.listen, page.keep_sounding)]
        try:
            yield page
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
