"""SIP over UDP and TCP on one port: framing, size and time limits, allow-list. Knows no calls."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from functools import partial

import structlog

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.messages import (
    MAX_MESSAGE_BYTES,
    Flow,
    MalformedSip,
    NotSip,
    Request,
    Response,
    declared_length,
    read_message,
)
from ivr.adapters.embedded_sip.peers import PeerList

log = structlog.get_logger(__name__)

PARTIAL_MESSAGE_S = 10.0
IDLE_CONNECTION_S = 900.0
MAX_CONNECTIONS = 512
_MAX_BACKLOG_BYTES = 256 * 1024
_CONNECT_S = 5.0
_BIND_TRIES = 20
_IP_RECVERR = getattr(socket, "IP_RECVERR", 11)  # Linux; Python names it from 3.14 on
_MSG_ERRQUEUE = getattr(socket, "MSG_ERRQUEUE", 0x2000)

MessageHandler = Callable[[Request | Response], None]
UnreachableHandler = Callable[[Flow], None]


class SipSocket:
    """Both transports. `on_message` gets checked messages, `on_unreachable` a peer that refuses us."""

    def __init__(self, peers: PeerList, counters: Counters) -> None:
        self._peers = peers
        self.counters = counters
        self.on_message: MessageHandler = lambda message: None
        self.on_unreachable: UnreachableHandler = lambda flow: None
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[tuple[str, int], TcpConnection] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self, host: str, port: int) -> None:
        """Bind UDP and TCP to the same port; with port 0 to one that is free for both."""
        loop = asyncio.get_running_loop()
        for attempt in range(_BIND_TRIES):
            udp_socket = _udp_socket(host, port)
            bound = int(udp_socket.getsockname()[1])
            udp, _ = await loop.create_datagram_endpoint(partial(_UdpProtocol, self, udp_socket), sock=udp_socket)
            try:
                self._server = await loop.create_server(
                    lambda: TcpConnection(self), host, bound, family=socket.AF_INET, reuse_address=True
                )
            except OSError:
                udp.close()
                if port or attempt == _BIND_TRIES - 1:
                    raise
                continue
            self._udp, self.port = udp, bound
            return

    async def close(self) -> None:
        for task in list(self._connecting):
            task.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections.values()):
            connection.close()
        if self._udp is not None:
            self._udp.close()
            self._udp = None
        await asyncio.sleep(0)  # the transports close in the loop's next round

    def send(self, data: bytes, flow: Flow) -> None:
        """Send one message; a TCP connection is opened when there is none. Failure shows as `on_unreachable`."""
        if flow.transport == "UDP":
            if self._udp is not None:
                self._udp.sendto(data, (flow.host, flow.port))
            return
        connection = self._connections.get((flow.host, flow.port))
        if connection is not None:
            connection.write(data)
        else:
            task = asyncio.get_running_loop().create_task(self._connect_and_send(data, flow))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect_and_send(self, data: bytes, flow: Flow) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, connection = await loop.create_connection(
                    lambda: TcpConnection(self, invited=True), flow.host, flow.port, family=socket.AF_INET
                )
        except (OSError, TimeoutError):
            self.on_unreachable(flow)
            return
        connection.write(data)

    def allows(self, host: str) -> bool:
        if self._peers.allows(host):
            return True
        self.counters.odd(Count.STRANGER_SIP)
        return False

    def add_connection(self, address: tuple[str, int], connection: "TcpConnection") -> bool:
        if len(self._connections) >= MAX_CONNECTIONS:
            self.counters.odd(Count.TOO_MANY_CONNECTIONS)
            return False
        self._connections[address] = connection
        return True

    def drop_connection(self, address: tuple[str, int], connection: "TcpConnection") -> None:
        if self._connections.get(address) is connection:
            del self._connections[address]

    def take(self, data: bytes, source: Flow) -> bool:
        """Check one message and pass it on; False when it was no SIP we can use."""
        try:
            message = read_message(data, source)
        except NotSip:
            self.counters.odd(Count.NOT_SIP, size=len(data))
            return False
        except MalformedSip as error:
            self.counters.odd(Count.MALFORMED_SIP, why=str(error))
            return False
        try:
            self.on_message(message)
        except Exception:
            # the edge: whatever one message breaks, the socket and the live calls go on
            self.counters.odd(Count.MALFORMED_SIP, why="handler failed")
            log.exception("line.message.failed", method=message.method)
        return True


def _udp_socket(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    with contextlib.suppress(OSError):  # without it a dead host is only found by the timer
        bound.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
    return bound


class _UdpProtocol(asyncio.DatagramProtocol):
    """aiosipua's own protocol asserts a transport class that CPython 3.11 and uvloop do not use."""

    def __init__(self, owner: SipSocket, udp_socket: socket.socket) -> None:
        self._owner = owner
        self._socket = udp_socket

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._owner.allows(addr[0]):
            return
        if len(data) > MAX_MESSAGE_BYTES:
            self._owner.counters.odd(Count.OVERSIZE_SIP, size=len(data))
        elif data.strip(b"\r\n\0 "):  # blank ones are keep-alives
            self._owner.take(data, Flow("UDP", addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """An ICMP error; the kernel's error queue tells which peer it is about."""
        while True:
            try:
                _, _, _, address = self._socket.recvmsg(2048, 512, _MSG_ERRQUEUE)
            except OSError:
                return
            if address:
                self._owner.on_unreachable(Flow("UDP", str(address[0]), int(address[1])))


class TcpConnection(asyncio.Protocol):
    """One stream, cut into messages by Content-Length (RFC 3261 §18.3)."""

    def __init__(self, owner: SipSocket, *, invited: bool = False) -> None:
        self._owner = owner
        self._invited = invited  # we opened it
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._address = ("", 0)
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername") or ("", 0)
        self._address = (str(peer[0]), int(peer[1]))
        welcome = self._invited or self._owner.allows(self._address[0])
        if not welcome or not self._owner.add_connection(self._address, self):
            transport.abort()
            return
        self._arm(IDLE_CONNECTION_S)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._owner.drop_connection(self._address, self)

    def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > _MAX_BACKLOG_BYTES:
            self._owner.counters.odd(Count.SLOW_CONNECTIONS)
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        was_empty = not self._buffer
        self._buffer += data
        while self._buffer and (message := self._cut()):
            if not self._owner.take(message, Flow("TCP", *self._address)):
                self._abort()  # a stream that is out of step never finds back
                return
            was_empty = True
        if not self._buffer:
            self._arm(IDLE_CONNECTION_S)
        elif was_empty:
            self._arm(PARTIAL_MESSAGE_S)

    def _cut(self) -> bytes | None:
        """The next whole message, or None while it is incomplete."""
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        if blank:
            del self._buffer[:blank]
            if blank >= 4:
                self.write(b"\r\n")  # the answer to a keep-alive ping (RFC 5626 §3.5.1)
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_MESSAGE_BYTES)
        if end < 0:
            if len(self._buffer) > MAX_MESSAGE_BYTES:
                self._owner.counters.odd(Count.OVERSIZE_SIP, size=len(self._buffer))
                self._abort()
            return None
        size = end + 4 + (declared_length(bytes(self._buffer[: end + 2])) or 0)
        if size > MAX_MESSAGE_BYTES:
            self._owner.counters.odd(Count.OVERSIZE_SIP, size=size)
            self._abort()
            return None
        if len(self._buffer) < size:
            return None
        message = bytes(self._buffer[:size])
        del self._buffer[:size]
        return message

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._timed_out)

    def _timed_out(self) -> None:
        if self._buffer:
            self._owner.counters.odd(Count.SLOW_CONNECTIONS)
        self._abort()

    def _abort(self) -> None:
        self._buffer.clear()
        if self._transport is not None:
            self._transport.abort()
