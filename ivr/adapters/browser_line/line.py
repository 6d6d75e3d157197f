"""The browser line: a WebSocket server that admits citizens' calls and seats' phones, and watches over them."""

import asyncio
import hmac
import http
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ivr.adapters.browser_line.admission import Admission, ReadToken, Refused
from ivr.adapters.browser_line.call import BrowserCall, Studio
from ivr.adapters.browser_line.config import BrowserLineConfig
from ivr.adapters.browser_line.dialler import BrowserDialler
from ivr.adapters.browser_line.messages import PATH, Closing, Hello, Ping, Resume, say
from ivr.adapters.browser_line.phones import Phones, SeatPhone
from ivr.adapters.browser_line.wire import Wire, WireBroken
from ivr.adapters.counters import Count, Counters
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.serving import run_script
from ivr.domain.phone_token import PhoneToken
from ivr.ports import CallControl
from kit.ids import new_id
from kit.phone_number import masked

log = structlog.get_logger(__name__)
_PEERS = logging.getLogger("browser_line.websockets")
_PEERS.setLevel(logging.CRITICAL)  # what strangers send is told to them; it must not fill the disk

_WATCH_EVERY_S = 0.25
_LARGEST_MESSAGE = 8192


class BrowserLine:
    """Set `on_call` before `start`; it runs as one task for each citizen's call."""

    def __init__(self, config: BrowserLineConfig, read_token: ReadToken, clock: FrameClock | None = None) -> None:
        """`clock`: that of the other line whose calls may talk with ours."""
        counters = Counters()
        clock = clock or FrameClock(lambda: counters.add(Count.LATE_TICKS))
        self._config = config
        self._studio = Studio(config, counters, clock)
        self._phones = Phones(self._studio)
        self._admission = Admission(config, read_token)
        self.on_call: Callable[[CallControl], Awaitable[None]] | None = None
        self.dialler = BrowserDialler(self._studio, self._phones)
        self._citizens: dict[BrowserCall, PhoneToken] = {}
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def counters(self) -> Counters:
        return self._studio.counters

    @property
    def live_calls(self) -> tuple[BrowserCall, ...]:
        return (*self._citizens, *self.dialler.live_calls)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def is_registered(self, person_id: str) -> bool:
        """This person's browser is his phone now."""
        return person_id in self._phones

    async def start(self) -> None:
        """Bind and serve. Raises OSError when the port is taken."""
        config = self._config
        self._server = await serve(
            self._serve_socket,
            config.host,
            config.port,
            process_request=self._look_at,
            create_connection=self._admission.counted_connection(),
            compression=None,
            open_timeout=config.hello_within_s,
            ping_interval=config.ping_every_s,
            ping_timeout=config.ping_every_s,
            close_timeout=1.0,
            max_size=_LARGEST_MESSAGE,
            max_queue=64,
            write_limit=4096,
            server_header=None,
            logger=_PEERS,
        )
        self.dialler.is_open = True
        self._watch = asyncio.create_task(self._watch_calls())
        log.info("line.browsers.started", port=self.port, max_citizens=config.max_citizens)

    async def stop(self) -> None:
        """Take no more calls, end the live ones, let the scripts finish, then close the sockets."""
        self.dialler.is_open = False
        for call in self.live_calls:
            call.leave("stopped")
        if self._handlers:
            _, late = await asyncio.wait(list(self._handlers), timeout=self._config.stop_within_s)
            for task in late:
                task.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if self._server is not None:
            self._server.close(code=Closing.STOPPED, reason="phone.stopped")
            await self._server.wait_closed()
        await asyncio.to_thread(self._studio.writer.close)
        log.info("line.browsers.stopped")

    # --- sockets ---

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        if urlsplit(request.path).path != PATH:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "no such path\n")
        if self._admission.is_crowded:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "too many connections\n")
        return None

    async def _serve_socket(self, connection: ServerConnection) -> None:
        wire = Wire(connection, self.counters)
        writing = asyncio.create_task(wire.write())
        try:
            await self._converse(wire)
        except (WireBroken, Refused) as end:
            if isinstance(end, Refused):
                self.counters.odd(Count.BROWSERS_REFUSED, reason=end.reason)
            wire.send_text(say("refused", reason=end.reason))
            wire.close(end.code, end.reason)
        except ConnectionClosed:
            pass
        except Exception:
            log.exception("line.browser.failed")  # the edge of a socket: the others go on
            wire.close(1011, "internal")
        finally:
            if not wire.is_closing:
                writing.cancel()
            await asyncio.wait([writing])

    async def _converse(self, wire: Wire) -> None:
        with self._admission.stranger():
            try:
                async with asyncio.timeout(self._config.hello_within_s):
                    first = await wire.next()
            except TimeoutError:
                raise Refused(Closing.NO_HELLO, "phone.no_hello") from None
        match first:
            case Hello(token=text):
                guest = self._admit(wire, self._admission.token(text, wire.origin))
            case Resume(call_id=call_id, secret=secret):
                guest = self._come_back(wire, call_id, secret)
            case _:
                raise WireBroken(Closing.MALFORMED, "phone.no_hello")
        try:
            while True:
                match await wire.next():
                    case Ping(number=number):
                        wire.send_text(say("pong", number=number))
                    case message:
                        guest.take(message)
        finally:
            guest.lost(wire)
            if isinstance(guest, SeatPhone):
                self._phones.forget_if_gone(guest)

    def _admit(self, wire: Wire, token: PhoneToken) -> BrowserCall | SeatPhone:
        """A citizen's call begins, or a seat's phone is there."""
        if not self.dialler.is_open or self.on_call is None:
            raise Refused(Closing.STOPPED, "phone.stopped")
        if token.person_id:
            if len(self._phones) >= self._config.max_phones and not self.is_registered(token.person_id):
                raise Refused(Closing.FULL, "phone.full")
            return self._phones.register(token.person_id, wire)
        self._admission.citizen(token, self._citizens.values())
        call = BrowserCall(self._studio, call_id=new_id(), caller=token.caller, line=self._config.line_number)
        call.on_ended = self._citizen_gone
        self._citizens[call] = token
        call.attach(wire)
        self.counters.add(Count.CALLS_IN)
        log.info("line.call.arrived", call_id=call.call_id, caller=masked(call.caller), line=call.line)
        task = asyncio.get_running_loop().create_task(run_script(call, self.on_call))
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)
        return call

    def _come_back(self, wire: Wire, call_id: str, secret: str) -> BrowserCall | SeatPhone:
        """After the network was away: the call goes on over this socket."""
        call = next((each for each in self.live_calls if each.call_id == call_id), None)
        if call is None or not _same(call.secret, secret):
            raise Refused(Closing.REFUSED, "phone.call_gone")
        log.info("line.call.resumed", call_id=call_id)
        phone = self.dialler.phone_of(call)
        if phone is not None:
            phone.attach(wire)
            return phone
        before = call.wire
        call.attach(wire)
        if before is not None:
            before.close(Closing.TAKEN_OVER, "phone.taken_over")
        return call

    # --- calls ---

    def _citizen_gone(self, call: BrowserCall) -> None:
        self._citizens.pop(call, None)
        if call.wire is not None:
            call.wire.close(Closing.DONE, "phone.call_ended")

    async def _watch_calls(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            for call in self.live_calls:
                if call.is_dead(loop.time()):
                    self.counters.odd(Count.DEAD_MEDIA)
                    call.leave("dead_media")


def _same(secret: str, shown: str) -> bool:
    return hmac.compare_digest(secret.encode(), shown.encode("utf-8", "replace"))
