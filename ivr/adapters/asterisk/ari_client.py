"""ARI over one WebSocket: events come in, requests go out and are answered on the same socket.

One socket and not HTTP beside it: a request costs under a millisecond, needs no pool and no second login, and a
cut is seen by everybody at once. The client connects for ever; what a cut means for calls is the line's matter.
"""

import asyncio
import itertools
import json
import logging
from collections.abc import Callable
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ivr.adapters.asterisk.config import AsteriskConfig
from ivr.adapters.asterisk.facts import Facts

log = structlog.get_logger(__name__)

_QUIET = logging.getLogger("asterisk.websockets")
_QUIET.setLevel(logging.WARNING)  # the library's own chatter would hold the password and callers' numbers


class AriAway(Exception):
    """Nobody answers: no connection, or no reply in time. The request may have been carried out all the same."""


class AriRefused(Exception):
    """Asterisk answered with an error."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status


def path_of(*parts: str) -> str:
    """`channels/<id>/answer`, with every part quoted."""
    return "/".join(quote(part, safe="") for part in parts)


class AriClient:
    """Set the three `on_…` before `run`; they are called from the event loop and must not block or raise."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._config = config
        self._socket: ClientConnection | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Facts]] = {}
        self._last_trouble = ""
        self.is_replaced = False
        """Another process took our application's name: it has the line, and we keep off until it is gone."""
        self.on_event: Callable[[Facts], object] = lambda event: None
        self.on_up: Callable[[], None] = lambda: None
        self.on_down: Callable[[], None] = lambda: None

    @property
    def is_up(self) -> bool:
        return self._socket is not None

    async def request(self, method: str, path: str, **query: str | int) -> str:
        """The reply's body. Raises AriAway or AriRefused."""
        socket = self._socket
        if socket is None:
            raise AriAway("not connected")
        number = str(next(self._numbers))
        replied: asyncio.Future[Facts] = asyncio.get_running_loop().create_future()
        self._waiting[number] = replied  # before the request leaves: the reply may be faster than we are
        uri = f"{path}?{urlencode(query)}" if query else path
        words = {"type": "RESTRequest", "transaction_id": number, "request_id": number, "method": method, "uri": uri}
        try:
            async with asyncio.timeout(self._config.reply_within_s):
                await socket.send(json.dumps(words))
                reply = await replied
        except (TimeoutError, WebSocketException, OSError) as error:
            raise AriAway(type(error).__name__) from None
        finally:
            self._waiting.pop(number, None)
        status = reply.number("status_code")
        if not 200 <= status < 300:
            raise AriRefused(status, reply.text("reason_phrase"))
        return reply.text("message_body")

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        wait_s = self._config.retry_from_s
        while True:
            if self.is_replaced:
                await self._until_nobody_has_our_name()
            try:
                async with self._connected() as socket:
                    wait_s = self._config.retry_from_s
                    self._last_trouble = ""
                    await self._listen(socket)
            except (OSError, WebSocketException, TimeoutError) as error:
                self._complain(error)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, self._config.retry_up_to_s)

    async def _until_nobody_has_our_name(self) -> None:
        """Whoever replaced us has the line; taking it back at once would be a fight. Asterisk forgets an
        application when its connection goes, and this question can only be asked over HTTP."""
        config = self._config
        address = f"{config.url.rstrip('/')}/{path_of('applications', config.app)}"
        async with httpx.AsyncClient(auth=(config.user, config.password), trust_env=False) as client:
            while self.is_replaced:
                await asyncio.sleep(config.replaced_look_s)
                try:
                    answer = await client.get(address, timeout=config.reply_within_s)
                except httpx.HTTPError:
                    continue
                self.is_replaced = answer.status_code != httpx.codes.NOT_FOUND

    def _connected(self) -> connect:
        config = self._config
        address = urlsplit(config.url)
        scheme = "wss" if address.scheme == "https" else "ws"
        query = urlencode({"app": config.app, "api_key": f"{config.user}:{config.password}"})
        return connect(
            f"{scheme}://{address.netloc}{address.path.rstrip('/')}/events?{query}",
            compression=None,
            proxy=None,
            max_size=None,
            open_timeout=config.reply_within_s,
            close_timeout=1,
            ping_interval=config.ping_every_s,
            ping_timeout=config.ping_every_s,
            logger=_QUIET,
        )

    async def _listen(self, socket: ClientConnection) -> None:
        self._socket = socket
        log.info("line.ari.connected", app=self._config.app)
        self.on_up()
        try:
            async for message in socket:
                self._take(Facts.of_text(message if isinstance(message, str) else ""))
                if self.is_replaced:
                    return
        finally:
            self._socket = None
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError())
            log.warning("line.ari.disconnected", app=self._config.app)
            self.on_down()

    def _take(self, message: Facts) -> None:
        kind = message.text("type")
        if kind == "RESTResponse":
            waiting = self._waiting.get(message.text("request_id"))
            if waiting is not None and not waiting.done():  # a late reply belongs to nobody any more
                waiting.set_result(message)
            return
        if kind == "ApplicationReplaced":
            self.is_replaced = True
            log.error("line.ari.replaced", app=self._config.app, consequence="this process takes no more calls")
            return
        try:
            self.on_event(message)
        except Exception:
            log.exception("line.ari.event_failed", kind=kind)  # the edge: one odd event must not cut the line

    def _complain(self, error: Exception) -> None:
        """Once for each kind of trouble, not with every try."""
        trouble = f"http {error.response.status_code}" if isinstance(error, InvalidStatus) else type(error).__name__
        if trouble != self._last_trouble:
            self._last_trouble = trouble
            log.error("line.ari.unreachable", reason=trouble)
