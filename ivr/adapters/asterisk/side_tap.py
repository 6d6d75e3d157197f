"""One side of a conversation, overheard: what its people say, recorded by Asterisk itself and heard here as it comes.

A bridge of its own holds a snoop of each person, our ear, and the recorder. Asterisk mixes it every 20 ms, silence
included, so the file is true in time; and it goes on when this process dies.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.media_channel import open_media_channel
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.stack import OUR_BRIDGE, OUR_SNOOP, AsteriskStack
from ivr.domain.conversation import Side
from ivr.domain.errors import RecordingFailed
from kit.ids import new_id

log = structlog.get_logger(__name__)

_FETCH_WITHIN_S = 60.0


class SideTap:
    def __init__(
        self, stack: AsteriskStack, conversation_id: str, side: Side, on_sound: Callable[[bytes], None]
    ) -> None:
        self.side = side
        self._stack = stack
        self._name = f"hl-{conversation_id}-{side}"
        self._bridge = f"{OUR_BRIDGE}tap-{conversation_id}-{side}"
        self._on_sound = on_sound
        self._stream = AsteriskStream()
        self._stream.listener = self
        self._ear = ""
        self._snoops: dict[str, str] = {}
        self.is_recording = False

    # --- MediaListener ---

    def frame_heard(self, pcm: bytes) -> None:
        self._on_sound(pcm)

    def digit_pressed(self, digit: str) -> None:
        """Nobody presses keys here."""

    def sound_played(self) -> None:
        """Nothing is played here."""

    # --- the people of this side ---

    async def open(self) -> None:
        """Raises AriAway or AriRefused. Without our ear the recording works all the same."""
        await self._stack.ari.request("POST", "bridges", type="mixing", bridgeId=self._bridge, name=self._name)
        try:
            self._ear = await open_media_channel(self._stack, self._stream, lambda _: None)
            await self._add(self._ear)
        except (AriAway, AriRefused, TimeoutError) as error:
            log.warning("line.tap.deaf", side=self.side.value, reason=str(error) or type(error).__name__)
        self._stream.start_hearing()

    async def listen_to(self, channel_id: str) -> None:
        """Raises AriAway, AriRefused or TimeoutError."""
        if channel_id in self._snoops:
            return
        snoop = OUR_SNOOP + new_id()
        await open_snoop(self._stack, channel_id, snoop, spy="in")
        self._snoops[channel_id] = snoop
        await self._add(snoop)

    def forget(self, channel_id: str) -> None:
        snoop = self._snoops.pop(channel_id, None)
        if snoop is not None:
            self._stack.remove("channels", snoop)

    def close(self) -> None:
        self._stream.stop_hearing()
        for channel_id in list(self._snoops):
            self.forget(channel_id)
        if self._ear:
            self._stack.unlisten(self._ear)
            self._stack.remove("channels", self._ear)
        self._stack.remove("bridges", self._bridge)

    async def _add(self, channel: str) -> None:
        await self._stack.ari.request("POST", path_of("bridges", self._bridge, "addChannel"), channel=channel)

    # --- the recording ---

    async def record(self) -> None:
        """Raises AriAway or AriRefused."""
        await self._stack.ari.request(
            "POST", path_of("bridges", self._bridge, "record"), name=self._name, format="wav", ifExists="overwrite"
        )
        self.is_recording = True

    async def pause(self, *, is_paused: bool) -> None:
        """Silence is recorded meanwhile."""
        if self.is_recording:
            method = "POST" if is_paused else "DELETE"
            await self._stack.ari.request(method, path_of("recordings", "live", self._name, "mute"))

    async def stop(self, path: Path) -> None:
        """The file, at `path`, and no longer in Asterisk. Raises RecordingFailed; then Asterisk keeps what it has."""
        self.is_recording = False
        try:
            await self._stack.ari.request("POST", path_of("recordings", "live", self._name, "stop"))
        except AriRefused as refused:
            if refused.status != httpx.codes.NOT_FOUND:  # it had ended by itself
                raise RecordingFailed(f"not stopped: {refused}") from None
        except AriAway as away:
            raise RecordingFailed(f"not stopped: {away}") from None
        try:
            await asyncio.to_thread(self._fetch, path)
        except (httpx.HTTPError, OSError) as error:
            raise RecordingFailed(f"not fetched: {type(error).__name__}") from None
        self._stack.remove("recordings", "stored", self._name)

    def _fetch(self, path: Path) -> None:
        """In a thread. Over HTTP: Asterisk may be on another machine."""
        config = self._stack.config
        address = f"{config.url.rstrip('/')}/{path_of('recordings', 'stored', self._name, 'file')}"
        login = (config.user, config.password)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}.part")
        with (
            httpx.stream("GET", address, auth=login, timeout=_FETCH_WITHIN_S, trust_env=False) as answer,
            half.open("wb") as file,
        ):
            answer.raise_for_status()
            for block in answer.iter_bytes():
                file.write(block)
        half.replace(path)


async def open_snoop(stack: AsteriskStack, channel_id: str, snoop_id: str, **how: str) -> None:
    """A snoop channel that is up. Raises AriAway, AriRefused or TimeoutError; nothing is left then."""
    entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_event(_event: Facts) -> None:
        if not entered.done():
            entered.set_result(None)

    stack.listen(snoop_id, on_event)
    try:
        async with asyncio.timeout(stack.config.media_within_s):
            path = path_of("channels", channel_id, "snoop", snoop_id)
            await stack.ari.request("POST", path, app=stack.config.app, **how)
            await entered
    except BaseException:
        stack.remove("channels", snoop_id)
        raise
    finally:
        stack.unlisten(snoop_id)
