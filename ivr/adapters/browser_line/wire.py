"""One WebSocket to a browser: reads with limits, and writes without ever holding up the call loop."""

import asyncio
import contextlib
import socket
from collections import deque

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ivr.adapters.browser_line.allowance import Allowance
from ivr.adapters.browser_line.messages import FRAME_BYTES, Closing, Message, MessageWrong, read
from ivr.adapters.counters import Count, Counters

_FRAMES_PER_S, _FRAMES_AT_ONCE = 60, 600
"""Fifty a second, a little for a quick clock, and twelve seconds that a stalled network held back."""
_TEXTS_PER_S, _TEXTS_AT_ONCE = 5, 50
_MOST_FRAMES_WAITING = 25
"""Half a second; what waits longer is no conversation any more."""
_MOST_TEXTS_WAITING = 100
_UNSENT_BYTES = 4096
"""What the kernel may hold back of our sound: little, or dropping frames would come too late."""
_CLOSE_WITHIN_S = 2.0


class WireBroken(Exception):
    """What came cannot be borne: the socket is closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Wire:
    """`write` runs beside the reader until the socket is closed."""

    def __init__(self, connection: ServerConnection, counters: Counters) -> None:
        self._connection = connection
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._frames_in = Allowance(_FRAMES_PER_S, _FRAMES_AT_ONCE)
        self._texts_in = Allowance(_TEXTS_PER_S, _TEXTS_AT_ONCE)
        self._waiting: deque[str | bytes] = deque()
        self._frames_waiting = 0
        self._ending: tuple[int, str] | None = None
        self._happened = asyncio.Event()
        _keep_little_unsent(connection)

    @property
    def origin(self) -> str:
        """Of the page, as its browser names it; empty: a program."""
        request = self._connection.request
        return request.headers.get("Origin", "") if request is not None else ""

    @property
    def is_closing(self) -> bool:
        return self._ending is not None

    # --- reading ---

    async def next(self) -> Message | bytes:
        """The next message or frame. Raises WireBroken, ConnectionClosed."""
        received = await self._connection.recv()
        is_frame = isinstance(received, bytes)
        if not (self._frames_in if is_frame else self._texts_in).takes(self._loop.time()):
            self._counters.odd(Count.BROWSERS_FLOODING)
            raise WireBroken(Closing.FLOOD, "phone.flood")
        if isinstance(received, str):
            try:
                return read(received)
            except MessageWrong as error:
                self._counters.odd(Count.BROWSERS_MALFORMED, why=str(error))
        elif len(received) == FRAME_BYTES:
            return received
        else:
            self._counters.odd(Count.BROWSERS_MALFORMED, size=len(received))
        raise WireBroken(Closing.MALFORMED, "phone.malformed")

    # --- writing ---

    def send_text(self, text: str) -> None:
        if self._ending is not None:
            return
        if len(self._waiting) - self._frames_waiting >= _MOST_TEXTS_WAITING:
            self.close(Closing.FLOOD, "phone.too_slow")
            return
        self._waiting.append(text)
        self._happened.set()

    def send_frame(self, frame: bytes) -> None:
        """Dropped when the browser is behind."""
        if self._frames_waiting >= _MOST_FRAMES_WAITING:
            self._counters.add(Count.LATE_FRAMES)
            return
        self._waiting.append(frame)
        self._frames_waiting += 1
        self._happened.set()

    def close(self, code: int, reason: str) -> None:
        """After what waits was sent; a browser that does not take it is cut off. The first call counts."""
        if self._ending is None:
            self._ending = (code, reason)
            self._happened.set()
            self._loop.call_later(_CLOSE_WITHIN_S, self.cut)

    def cut(self) -> None:
        """As if the network were gone: without a goodbye."""
        self._connection.transport.abort()

    async def write(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._happened.wait()
                self._happened.clear()
                while self._waiting:
                    message = self._waiting.popleft()
                    self._frames_waiting -= isinstance(message, bytes)
                    await self._connection.send(message)
                if self._ending is not None:
                    await self._connection.close(*self._ending)
                    return


def _keep_little_unsent(connection: ServerConnection) -> None:
    bound = connection.transport.get_extra_info("socket")
    if bound is not None:
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
