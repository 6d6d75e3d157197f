"""A line on the stand-in ARI server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, Clip
from tests.contracts.eventually import eventually
from tests.contracts.sounds import write_tone
from tests.support.ari_stand_in import AriStandIn, ari_stand_in


@asynccontextmanager
async def stood_in_line(
    on_call: Callable[[CallControl], Awaitable[None]] | None = None, **changes: object
) -> AsyncIterator[tuple[AsteriskLine, AriStandIn]]:
    """A connected line, and the server it is connected to. Its timers are short."""
    async with ari_stand_in() as ari:
        config = AsteriskConfig(
            url=f"http://127.0.0.1:{ari.port}/ari", password="x", media_port=0, trunk="carrier",
            reply_within_s=0.4, media_within_s=0.6, retry_from_s=0.02, retry_up_to_s=0.1, gone_after_s=0.3,
            destroyed_within_s=0.1, replaced_look_s=0.05, stop_within_s=1,
        )  # fmt: skip
        line = AsteriskLine(replace(config, **changes))  # type: ignore[arg-type]
        line.on_call = on_call
        await line.start()
        ari.media_port = line.media_port
        try:
            await eventually(line.connected.is_set)
            yield line, ari
        finally:
            await line.stop()


class Caught:
    """An `on_call` that keeps the calls for the test, picks them up and listens for keys until the end."""

    def __init__(self, *, picks_up: bool = True) -> None:
        self.calls: list[CallControl] = []
        self.keys: list[str] = []
        self.is_up = False
        self._picks_up = picks_up

    async def __call__(self, call: CallControl) -> None:
        self.calls.append(call)
        try:
            if self._picks_up:
                await call.answer()
                self.is_up = True
                while True:
                    self.keys.append(await call.read_digit(60) or "")
        except CallerHungUp:
            self.is_up = False

    @property
    def call(self) -> CallControl:
        return self.calls[-1]

    async def until_up(self) -> None:
        await eventually(lambda: self.is_up)

    async def until_over(self) -> str | None:
        await eventually(lambda: bool(self.calls) and self.call.end_cause is not None)
        return self.call.end_cause


def cut_ari(line: AsteriskLine) -> None:
    socket = line._stack.ari._socket
    assert socket is not None
    socket.transport.abort()


def cut_sound(line: AsteriskLine) -> None:
    server = line._stack.media._server
    assert server is not None
    for socket in server.connections:
        socket.transport.abort()


async def die(line: AsteriskLine) -> None:
    """As a kill: every socket gone at once, nothing taken down, and never again a word."""
    assert line._connecting is not None
    line._connecting.cancel()
    cut_ari(line)
    cut_sound(line)
    await line._stack.media.close()


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """Twenty seconds of sound: more than Asterisk may be given at once."""
    return Clip("clip", write_tone(tmp_path / "clip.wav", seconds=20.0))
