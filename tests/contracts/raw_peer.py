"""A peer that sends exactly the bytes a test wants, well-formed or not, over UDP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.ids import new_id

_DEADLINE_S = 5


class RawPeer(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait(data)

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, data: bytes, port: int) -> None:
        assert self._transport is not None
        self._transport.sendto(data, ("127.0.0.1", port))

    async def until(self, start: bytes) -> bytes:
        """The next datagram that starts so; others are dropped."""
        async with asyncio.timeout(_DEADLINE_S):
            while True:
                data = await self.received.get()
                if data.startswith(start):
                    return data

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def raw_peer() -> AsyncIterator[RawPeer]:
    loop = asyncio.get_running_loop()
    _, peer = await loop.create_datagram_endpoint(RawPeer, local_addr=("127.0.0.1", 0))
    try:
        yield peer
    finally:
        peer.close()


def invite(from_port: int, *, media_port: int = 9, call_id: str = "", formats: str = "8 96", extra: str = "") -> bytes:
    """An INVITE with key presses at payload type 96."""
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {media_port} RTP/AVP {formats}\r\na=rtpmap:96 telephone-event/8000\r\n"
    )
    call_id = call_id or new_id()
    return (
        "INVITE sip:12345@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{from_port};branch=z9hG4bK{call_id};rport\r\n"
        f"From: <sip:13900000001@127.0.0.1>;tag=f{call_id}\r\nTo: <sip:12345@127.0.0.1>\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:13900000001@127.0.0.1:{from_port}>\r\n"
        f"Max-Forwards: 70\r\n{extra}Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
    ).encode()


def in_dialog(method: str, answer: bytes, from_port: int, cseq: int) -> bytes:
    """An ACK or BYE that fits the 200 received."""
    fields = {
        name: next(line for line in answer.decode().split("\r\n") if line.startswith(f"{name}:"))
        for name in ("From", "To", "Call-ID")
    }
    return (
        f"{method} sip:12345@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{from_port};branch=z9hG4bK{new_id()};rport\r\n"
        f"{fields['From']}\r\n{fields['To']}\r\n{fields['Call-ID']}\r\nCSeq: {cseq} {method}\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def media_port_of(answer: bytes) -> int:
    line = next(line for line in answer.decode().split("\r\n") if line.startswith("m=audio"))
    return int(line.split()[1])
