"""The server that Asterisk dials for the sound of each call; who is let in was announced before, by an id of ours."""

import asyncio
import logging
from urllib.parse import parse_qs, urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ivr.adapters.asterisk.media_stream import AsteriskStream

log = structlog.get_logger(__name__)

_QUIET = logging.getLogger("asterisk.websockets")
_QUIET.setLevel(logging.WARNING)  # one line for each call's socket says nothing

_ID = "media_id"
_PROTOCOL = Subprotocol("media")


class MediaServer:
    """Streams wait here under ids that cannot be guessed; everybody else is refused."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._server: Server | None = None
        self._expected: dict[str, tuple[AsteriskStream, asyncio.Future[None]]] = {}

    async def open(self) -> None:
        """Raises OSError when the port is taken."""
        # no compression and no pings: the frames themselves show that the socket lives
        self._server = await serve(
            self._serve, self._host, self._port, subprotocols=[_PROTOCOL], process_request=self._refuse_strangers,
            compression=None, ping_interval=None, max_size=1 << 16, close_timeout=1, logger=_QUIET,
        )  # fmt: skip

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def expect(self, media_id: str, stream: AsteriskStream) -> "asyncio.Future[None]":
        """Announce a socket; the future is done once it is there."""
        connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._expected[media_id] = (stream, connected)
        return connected

    def forget(self, media_id: str) -> None:
        self._expected.pop(media_id, None)

    def _refuse_strangers(self, socket: ServerConnection, request: Request) -> Response | None:
        if _media_id(request) in self._expected:
            return None
        log.warning("line.media.stranger_refused")
        return socket.respond(404, "nobody waits for this\n")

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        stream, connected = self._expected.pop(_media_id(socket.request), (None, None))
        if stream is None or connected is None or connected.done():
            return
        connected.set_result(None)
        await stream.serve(socket)


def _media_id(request: Request) -> str:
    return parse_qs(urlsplit(request.path).query).get(_ID, [""])[0]
