"""One side of a conversation, overheard: what its people say, recorded by Asterisk itself and heard here as it comes.

A bridge of its own holds a snoop of each person, our ear, and the recorder. Asterisk mixes it every 20 ms, silence
included, so the file is true in time; and it goes on when this process dies.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.media_channel import open_media_channel
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.own_recording import OwnRecording
from ivr.adapters.asterisk.stack import OUR_SNOOP, OUR_TAP, AsteriskStack
from ivr.domain.conversation import Side
from kit.ids import new_id

log = structlog.get_logger(__name__)


class SideTap:
    def __init__(
        self, stack: AsteriskStack, conversation_id: str, side: Side, on_sound: Callable[[bytes], None]
    ) -> None:
        self.side = side
        self._stack = stack
        self.recording = OwnRecording(stack, f"hl-{conversation_id}-{side}")
        self._bridge = f"{OUR_TAP}{conversation_id}-{side}"
        self._on_sound = on_sound
        self._stream = AsteriskStream()
        self._stream.listener = self
        self._ear = ""
        self._snoops: dict[str, str] = {}

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
        await self._stack.ari.request("POST", "bridges", type="mixing", bridgeId=self._bridge, name="tap")
        await self._open_ear()

    async def find(self) -> None:
        """Take over what a dead predecessor built; makes it anew when it is not there. Raises AriAway or AriRefused."""
        try:
            bridge = Facts.of_text(await self._stack.ari.request("GET", path_of("bridges", self._bridge)))
        except AriRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            await self.recording.find()
            await self.open()
            return
        self._snoops = {member: member for member in bridge.texts("channels") if member.startswith(OUR_SNOOP)}
        await self.recording.find()
        await self._open_ear()

    async def _open_ear(self) -> None:
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

    def go_deaf(self) -> None:
        """Without our ear; whoever is recorded goes on being recorded."""
        self._stream.stop_hearing()
        if self._ear:
            self._stack.unlisten(self._ear)
            self._stack.remove("channels", self._ear)

    def close(self) -> None:
        self.go_deaf()
        for channel_id in list(self._snoops):
            self.forget(channel_id)
        self._stack.remove("bridges", self._bridge)

    async def record(self) -> None:
        """Raises AriAway or AriRefused."""
        await self.recording.begin(self._bridge)

    async def _add(self, channel: str) -> None:
        await self._stack.ari.request("POST", path_of("bridges", self._bridge, "addChannel"), channel=channel)


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
