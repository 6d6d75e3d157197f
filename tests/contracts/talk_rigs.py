"""Two people with telephones on one switchboard: what the contract of a conversation needs from an adapter."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from app.demo.baresip import Baresip, baresip_phone, phone_ports
from ivr.adapters.asterisk import AsteriskLine
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.line_ports import TelephoneLine
from ivr.ports import SAMPLE_RATE, CallControl, Switchboard
from kit.ids import new_id
from tests.contracts.sounds import tone, write_wav
from tests.support.asterisk import Asterisk

LINE = "12345"
_RINGS_S = 8
_STALE_S = 0.3
AUDIBLE = 0.4
"""Share of the power of the last half second."""


class Person(Protocol):
    """Somebody with a telephone."""

    async def hum(self, hertz: float) -> None:
        """Say this tone from now on."""
        ...

    async def hears(self, hertz: float, within_s: float = 5) -> bool:
        """Whether this tone is in what comes out of his telephone now, or within that time."""
        ...

    async def hears_no_more(self, hertz: float, within_s: float = 5) -> bool:
        """Whether it has gone from what comes out, within that time."""
        ...

    async def hang_up(self) -> None: ...


@dataclass(frozen=True)
class Talkers:
    switchboard: Switchboard
    citizen: CallControl
    agent: CallControl
    on_citizens_phone: Person
    on_agents_phone: Person


class TalkRig(Protocol):
    def two(self) -> AbstractAsyncContextManager[Talkers]:
        """A caller who was answered, and a person who was dialled and picked up; not yet put together."""
        ...


def share_of(hertz: float, pcm: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> float:
    """How much of the sound's power lies around this tone."""
    if pcm.size < SAMPLE_RATE // 10:
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm.astype(float) * np.hanning(pcm.size))) ** 2
    at = np.fft.rfftfreq(pcm.size, 1 / SAMPLE_RATE)
    power = float(spectrum.sum())
    return float(spectrum[np.abs(at - hertz) < 25].sum()) / power if power > 1 else 0.0


class BaresipPerson:
    def __init__(self, phone: Baresip, folder: Path) -> None:
        self._phone = phone
        self._folder = folder
        self._heard: Path | None = None

    async def hum(self, hertz: float) -> None:
        await self._phone.speak(write_wav(self._folder / f"hum-{hertz:.0f}.wav", tone(60, hertz=hertz)))

    def hears_from(self, heard: Path) -> None:
        """The file was asked for already."""
        self._heard = heard

    async def hears(self, hertz: float, within_s: float = 5) -> bool:
        return await self._becomes(hertz, within_s, is_heard=True)

    async def hears_no_more(self, hertz: float, within_s: float = 5) -> bool:
        return await self._becomes(hertz, within_s, is_heard=False)

    async def _becomes(self, hertz: float, within_s: float, *, is_heard: bool) -> bool:
        self._heard = self._heard or await self._phone.hearing()
        deadline = asyncio.get_running_loop().time() + within_s
        while asyncio.get_running_loop().time() < deadline:
            if (share_of(hertz, self._last_moments(self._heard)) > AUDIBLE) is is_heard:
                return True
            await asyncio.sleep(0.1)
        return False

    @staticmethod
    def _last_moments(path: Path, seconds: float = 0.5) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
        """The end of a WAV that is still being written: its header does not say yet how long it is."""
        if time.time() - path.stat().st_mtime > _STALE_S:
            return np.zeros(0, "<i2")  # no packets come: nothing is heard
        sound = path.read_bytes()[44:]
        samples = np.frombuffer(sound[: len(sound) // 2 * 2], "<i2")
        return samples[-int(seconds * SAMPLE_RATE) :]

    async def hang_up(self) -> None:
        await self._phone.hang_up()


@dataclass(frozen=True, slots=True)
class StartedLine:
    """A real line that serves; callers reach it at `sip_port`."""

    line: TelephoneLine
    sip_port: int


@dataclass
class PhonesTalkRig(ABC):
    """A real line between two baresips."""

    folder: Path

    @abstractmethod
    def serving(self, on_call: Callable[[CallControl], Awaitable[None]]) -> AbstractAsyncContextManager[StartedLine]:
        """The adapter's line, started."""

    @asynccontextmanager
    async def two(self) -> AsyncIterator[Talkers]:
        silence = write_wav(self.folder / "silence.wav", tone(60, amplitude=0))
        agents = phone_ports()
        arrived: asyncio.Future[CallControl] = asyncio.get_running_loop().create_future()
        over = asyncio.Event()

        async def hand_over(call: CallControl) -> None:
            arrived.set_result(call)
            await over.wait()

        try:
            async with (
                self.serving(hand_over) as started,
                baresip_phone(self.folder / "citizen", phone_ports(), number="13900000001", silence=silence) as outside,
                baresip_phone(self.folder / "agent", agents, number="801", silence=silence) as inside,
            ):
                line = started.line
                await outside.dial(f"sip:{LINE}@127.0.0.1:{started.sip_port}")
                citizen = await asyncio.wait_for(arrived, _RINGS_S)
                await citizen.answer()
                picking_up = asyncio.create_task(inside.pick_up(_RINGS_S))
                agent = await line.dialler.dial(
                    f"sip:801@127.0.0.1:{agents.sip}", call_id=new_id(), ring_timeout_s=_RINGS_S
                )
                await picking_up
                yield Talkers(
                    line.switchboard, citizen, agent,
                    BaresipPerson(outside, self.folder / "citizen"), BaresipPerson(inside, self.folder / "agent"),
                )  # fmt: skip
                over.set()
        finally:
            over.set()


@dataclass
class EmbeddedTalkRig(PhonesTalkRig):
    @asynccontextmanager
    async def serving(self, on_call: Callable[[CallControl], Awaitable[None]]) -> AsyncIterator[StartedLine]:
        config = EmbeddedSipConfig(
            host="127.0.0.1", port=0, rtp_port_min=21000, rtp_port_max=24998, line_number=LINE, stop_within_s=2
        )
        line = EmbeddedSipLine(config)
        line.on_call = on_call
        await line.start()
        try:
            yield StartedLine(line, line.port)
        finally:
            await line.stop()


@dataclass
class AsteriskTalkRig(PhonesTalkRig):
    asterisk: Asterisk

    @asynccontextmanager
    async def serving(self, on_call: Callable[[CallControl], Awaitable[None]]) -> AsyncIterator[StartedLine]:
        line = AsteriskLine(self.asterisk.config())
        line.on_call = on_call
        await line.start()
        try:
            await asyncio.wait_for(line.connected.wait(), 8)
            yield StartedLine(line, self.asterisk.sip_port)
        finally:
            await line.stop()
