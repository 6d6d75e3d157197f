"""Small trials on a live Asterisk: a question to its dialplan, a recording, sound through it and back."""

import asyncio
from collections.abc import Sequence

import numpy as np

from ivr.adapters.asterisk.ari_client import AriRefused, path_of
from ivr.adapters.asterisk.config import AsteriskConfig
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.media_channel import open_media_channel
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.own_recording import OwnRecording
from ivr.adapters.asterisk.stack import OUR_BRIDGE, AsteriskStack
from ivr.adapters.sound import encode
from ivr.ports import SAMPLE_RATE, SoundEncoding
from kit.ids import new_id

_LOUD = 1000
_SOUND_S = 0.15
_LONGEST_S = 20.0


class MediaSilent(Exception):
    """Connected, but what was played into one channel was not heard on the other."""


class Trial:
    """A connection as an application of its own; `close` removes what it made."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._stack = AsteriskStack(config)
        self._connecting: asyncio.Task[None] | None = None
        self._channels: list[str] = []
        self._bridge = OUR_BRIDGE + new_id()

    async def open(self) -> None:
        """Raises AriAway, TimeoutError or OSError."""
        stack = self._stack
        up = asyncio.Event()
        stack.ari.on_up = up.set
        stack.ari.on_event = stack.route
        await stack.media.open()
        self._connecting = asyncio.create_task(stack.ari.run())
        try:
            async with asyncio.timeout(stack.config.reply_within_s):
                await up.wait()
                await stack.ari.request("POST", "bridges", type="mixing", bridgeId=self._bridge, name="check")
                subscription = path_of("applications", stack.config.app, "subscription")
                await stack.ari.request("POST", subscription, eventSource=f"bridge:{self._bridge}")
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        for channel in self._channels:
            self._stack.unlisten(channel)
            self._stack.remove("channels", channel)
        self._stack.remove("bridges", self._bridge)
        await self._stack.settle()
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._stack.close()

    async def ask_dialplan(self, *expressions: str) -> list[str]:
        """What dialplan functions say on a channel that is made for it and never dialled."""
        channel = f"hl-check-{new_id()}"
        await self._stack.ari.request(
            "POST", "channels/create", endpoint="Local/s@hotline-inbound", app=self._stack.config.app, channelId=channel
        )
        self._channels.append(channel)
        path = path_of("channels", channel, "variable")
        answers = [await self._stack.ari.request("GET", path, variable=each) for each in expressions]
        return [Facts.of_text(answer).text("value") for answer in answers]

    async def sounds_missing(self, folder: str, names: Sequence[str]) -> list[str]:
        """Those that Asterisk cannot play from its folder; played to nobody, and not to their end."""
        return [name for name in names if not await self._is_playable(f"{folder}/{name}")]

    async def _is_playable(self, sound: str) -> bool:
        """A stop may be told as a failure, and a bridge whose last sound is being stopped refuses the next: once more,
        and then to its end."""
        try:
            if await self._plays(sound, stop_after_s=_SOUND_S):
                return True
        except AriRefused:
            await asyncio.sleep(_SOUND_S)
        return await self._plays(sound, stop_after_s=_LONGEST_S)

    async def _plays(self, sound: str, *, stop_after_s: float) -> bool:
        """A missing file is answered like a present one: only the playback's end tells."""
        playback = f"hl-check-{new_id()}"
        finished: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def on_event(event: Facts) -> None:
            if event.text("type") == "PlaybackFinished" and not finished.done():
                finished.set_result(event.text("playback", "state"))

        self._stack.listen(playback, on_event)
        try:
            path = path_of("bridges", self._bridge, "play", playback)
            await self._stack.ari.request("POST", path, media=f"sound:{sound}")
            await asyncio.wait({finished}, timeout=stop_after_s)
            if finished.done():
                return finished.result() != "failed"
            self._stack.remove("playbacks", playback)
            async with asyncio.timeout(_LONGEST_S):
                return await finished != "failed"
        finally:
            self._stack.unlisten(playback)

    async def record(self) -> None:
        """A recording of nobody, made and removed. Raises AriAway, AriRefused or TimeoutError."""
        recording = OwnRecording(self._stack, f"hl-check-{new_id()}")
        await recording.begin(self._bridge)
        await recording.end()
        recording.forget()

    async def sound_delay_ms(self) -> int:
        """Play a tone into one media channel, hear it on another: how long it takes."""
        mouth, ear = AsteriskStream(), AsteriskStream()
        for stream in (mouth, ear):
            self._channels.append(await open_media_channel(self._stack, stream, lambda channel: None))
        members = ",".join(self._channels[-2:])
        await self._stack.ari.request("POST", path_of("bridges", self._bridge, "addChannel"), channel=members)
        listener = _ToneListener()
        ear.listener = listener
        ear.start_hearing()
        began_at = asyncio.get_running_loop().time()
        mouth.play(encode(_tone(), SoundEncoding.ALAW))
        try:
            async with asyncio.timeout(self._stack.config.media_within_s):
                await listener.heard.wait()
        except TimeoutError:
            raise MediaSilent("both channels are up, but nothing was heard") from None
        finally:
            ear.stop_hearing()
        return round((asyncio.get_running_loop().time() - began_at) * 1000)


class _ToneListener:
    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def frame_heard(self, pcm: bytes) -> None:
        if np.abs(np.frombuffer(pcm, dtype="<i2")).max(initial=0) > _LOUD:
            self.heard.set()

    def digit_pressed(self, digit: str) -> None:
        """Nobody presses."""

    def sound_played(self) -> None:
        """The ear tells."""


def _tone() -> bytes:
    """Half a second."""
    time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    return (np.sin(2 * np.pi * 440 * time) * 8000).astype("<i2").tobytes()
