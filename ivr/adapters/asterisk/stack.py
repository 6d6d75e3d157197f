"""What the calls of one Asterisk line share: the client, the media server, who listens to which channel."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriClient, AriRefused, path_of
from ivr.adapters.asterisk.config import AsteriskConfig
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.media_server import MediaServer
from ivr.adapters.sound import SoundShelf
from ivr.adapters.wav_recorder import RecordingWriter

log = structlog.get_logger(__name__)

OUR_MEDIA = "hl-media-"
OUR_BRIDGE = "hl-bridge-"
OUR_TALK = "hl-bridge-talk-"
OUR_TAP = "hl-bridge-tap-"
OUR_SNOOP = "hl-snoop-"
"""Beginnings of the ids we choose: what a dead predecessor left is known by them."""
DIALLED = "dialled"
"""The argument by which a call that we placed enters our application."""

_AWAY_CONTEXT = "hotline-away"
"""In the dialplan (config/asterisk/templates/extensions.conf)."""
_WHOSE = (("channel", "id"), ("peer", "id"), ("playback", "id"), ("recording", "name"))


class AsteriskStack:
    def __init__(self, config: AsteriskConfig) -> None:
        self.config = config
        self.ari = AriClient(config)
        self.media = MediaServer(config.media_host, config.media_port)
        self.shelf = SoundShelf()
        self.writer = RecordingWriter()
        self._listeners: dict[str, Callable[[Facts], None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.talks: dict[str, Callable[[], None]] = {}
        """Bridges of the conversations of this process, and how to leave each to the next one, if it can go on."""
        self._owed: dict[str, dict[str, str]] = {}

    # --- events ---

    def listen(self, channel_id: str, on_event: Callable[[Facts], None]) -> None:
        """Register before the request that makes it: events may be faster than replies.

        A channel's id, a playback's, or a recording's name.
        """
        self._listeners[channel_id] = on_event

    def unlisten(self, channel_id: str) -> None:
        self._listeners.pop(channel_id, None)

    @property
    def served_channels(self) -> frozenset[str]:
        """Channels that somebody in this process listens to."""
        return frozenset(self._listeners)

    def route(self, event: Facts) -> bool:
        """Give an event to whom it concerns; False: to nobody."""
        whose = next((name for path in _WHOSE if (name := event.text(*path))), "")
        listener = self._listeners.get(whose)
        if listener is not None:
            listener(event)
        return listener is not None

    # --- requests whose answer nobody waits for ---

    def spawn(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        await self.media.close()
        await asyncio.to_thread(self.writer.close)

    async def settle(self) -> None:
        """Wait for everything spawned."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def subscribe(self, channel_id: str) -> None:
        """Hear of a channel that came through the dialplan, or that lived when the connection was made anew:
        of the first Asterisk does not tell the end, of the second nothing at all."""
        self.spawn(self._subscribe(channel_id))

    async def _subscribe(self, channel_id: str) -> None:
        try:
            path = path_of("applications", self.config.app, "subscription")
            await self.ari.request("POST", path, eventSource=f"channel:{channel_id}")
        except (AriAway, AriRefused):
            log.info("line.ari.not_subscribed")  # it is gone already: StasisEnd, or the next stock-taking, tells

    async def to_dialplan(self, channel_id: str, line: str) -> None:
        """A caller whom we cannot serve any more hears the announcement of our absence, and may leave a message."""
        try:
            path = path_of("channels", channel_id, "continue")
            await self.ari.request("POST", path, context=_AWAY_CONTEXT, extension=line, priority=1)
        except (AriAway, AriRefused):
            self.remove("channels", channel_id)

    def remove(self, *parts: str, **query: str) -> None:
        """DELETE it, whether it exists or not; while Asterisk is away it is owed and done at the next connection."""
        self.spawn(self._remove(path_of(*parts), query))

    def pay_what_is_owed(self) -> "asyncio.Future[list[None]]":
        """Deletions that could not be made while Asterisk was away."""
        owed, self._owed = self._owed, {}
        return asyncio.gather(*(self._remove(path, query) for path, query in owed.items()))

    async def _remove(self, path: str, query: dict[str, str]) -> None:
        try:
            await self.ari.request("DELETE", path, **query)
        except AriAway:
            self._owed[path] = query
        except AriRefused as refused:
            if refused.status != 404:
                log.warning("line.ari.not_removed", path=path.split("/", 1)[0], status=refused.status)
