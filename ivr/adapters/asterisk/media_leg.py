"""Between a caller's channel and our stream: a bridge, and a media channel that is renewed when its socket is cut."""

import asyncio
from collections.abc import Callable, Container

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.media_channel import open_media_channel
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.stack import OUR_BRIDGE, AsteriskStack
from kit.ids import new_id

log = structlog.get_logger(__name__)

_TRIES = 2


class NoMedia(Exception):
    """The sound of the call could not be had."""


class MediaLeg:
    def __init__(self, stack: AsteriskStack, channel_id: str, on_lost: Callable[[], None]) -> None:
        self.stream = AsteriskStream(keeps_line_open=True)
        self._stack = stack
        self._caller = channel_id
        self._on_lost = on_lost
        self._bridge = OUR_BRIDGE + new_id()
        self._media = ""
        self._is_closed = False

    async def open(self) -> None:
        """Sound both ways, or NoMedia."""
        try:
            for outcome in await asyncio.gather(self._make_bridge(), self._connect(), return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
            await self._bridge_with(f"{self._caller},{self._media}")
        except (AriAway, AriRefused, TimeoutError) as error:
            log.warning("line.media.not_connected", reason=str(error) or type(error).__name__)
            self._is_closed = True
        if self._is_closed:  # also when the caller went meanwhile: what was made after that is still there
            self._take_down()
            raise NoMedia

    async def _make_bridge(self) -> None:
        await self._stack.ari.request("POST", "bridges", type="mixing", bridgeId=self._bridge, name="media")

    async def take_back_caller(self) -> None:
        """Raises AriAway or AriRefused."""
        await self._bridge_with(self._caller)

    def close(self) -> None:
        """Asterisk keeps both until they are deleted, also after the caller has gone."""
        if not self._is_closed:
            self._is_closed = True
            self._take_down()

    def _take_down(self) -> None:
        self._drop_media()
        self._stack.remove("bridges", self._bridge)

    def check(self, living_channels: Container[str]) -> None:
        """After a time without events: was the media channel lost meanwhile?"""
        if self._media and self._media not in living_channels:
            self._media_lost()
        elif self._media:
            self._stack.subscribe(self._media)

    async def _connect(self) -> None:
        self._media = await open_media_channel(self._stack, self.stream, self._media_gone)

    async def _bridge_with(self, channels: str) -> None:
        await self._stack.ari.request("POST", path_of("bridges", self._bridge, "addChannel"), channel=channels)

    def _media_gone(self, channel: str) -> None:
        if channel == self._media:
            self._media_lost()

    def _media_lost(self) -> None:
        self._drop_media()
        if not self._is_closed:
            log.warning("line.media.lost")
            self._stack.spawn(self._renew())

    async def _renew(self) -> None:
        for _ in range(_TRIES):
            try:
                await self._connect()
                await self._bridge_with(self._media)
            except (AriAway, AriRefused, TimeoutError) as error:
                log.warning("line.media.not_renewed", reason=str(error) or type(error).__name__)
                self._drop_media()
            else:
                log.info("line.media.renewed")
                if self._is_closed:
                    self._drop_media()
                return
        if not self._is_closed:
            self._on_lost()

    def _drop_media(self) -> None:
        if self._media:
            self._stack.unlisten(self._media)
            self._stack.remove("channels", self._media)
            self._media = ""
