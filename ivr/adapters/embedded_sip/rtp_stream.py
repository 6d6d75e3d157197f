"""The sound of one call over RTP: a MediaStream with G.711, RFC 4733 key presses and a guard against strangers.

Steady 20 ms packets leave also in silence, so that NATs stay open and the other side's watchdog stays calm.
"""

import asyncio
import random
import socket
import struct
from collections import deque
from dataclasses import dataclass

from aiortp import DtmfEvent, RtpPacket, is_rtcp
from aiortp.dtmf import DTMF_EVENTS

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.heard_sound import HeardSound
from ivr.adapters.embedded_sip.media_terms import MediaTerms
from ivr.adapters.frame_clock import FrameClock, Turn
from ivr.adapters.sound import FRAME_SAMPLES, decode, silence
from ivr.ports import MediaListener, SoundEncoding

_HEADER = struct.Struct("!BBHII")
_PLAIN = 0x80  # version 2, no padding, extension or CSRC
_HEARING_LAG_SAMPLES = 6 * FRAME_SAMPLES
_LIVE_LAG_SAMPLES = 2 * FRAME_SAMPLES
"""40 ms against uneven arrival: what a talk can spare."""
_MAX_RTP_BYTES = 1500
_KEY_TICKS = 8  # 160 ms
_KEY_GAP_TICKS = 5
_PORT_REST_S = 1.0
_AGREED_ADDRESS_FIRST_S = 0.2


class NoFreePort(Exception):
    """Every RTP port of the range is taken."""


class RtpPorts:
    """Even ports of a range; one that was closed rests a second, because late packets still come."""

    def __init__(self, host: str, first: int, last: int) -> None:
        self._host = host
        ports = list(range(first + first % 2, last + 1, 2))
        start = random.randrange(len(ports)) if ports else 0
        self._free = deque(ports[start:] + ports[:start])

    def open(self) -> tuple[socket.socket, int]:
        """A bound socket and its port; raises NoFreePort."""
        for _ in range(len(self._free)):
            port = self._free.popleft()
            bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                bound.bind((self._host, port))
            except OSError:
                bound.close()
                self._free.append(port)
                continue
            bound.setblocking(False)
            return bound, port
        raise NoFreePort

    def give_back(self, port: int) -> None:
        asyncio.get_running_loop().call_later(_PORT_REST_S, self._free.append, port)


@dataclass(slots=True)
class _KeyBeingSent:
    event: int
    released: "asyncio.Future[None]"
    timestamp: int = 0
    ticks: int = 0

    def release(self) -> None:
        if not self.released.done():
            self.released.set_result(None)


class RtpStream(asyncio.DatagramProtocol):
    """Implements ivr.ports.MediaStream. Made by `open_stream`, silent until `agree` was called."""

    def __init__(self, clock: FrameClock, ports: RtpPorts, counters: Counters, port: int) -> None:
        self.port = port
        self.listener: MediaListener | None = None
        self.last_heard_at = 0.0
        self._clock = clock
        self._ports = ports
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self._terms: MediaTerms | None = None
        self._signalling_host = ""
        self._remote: tuple[str, int] = ("", 0)
        self._is_latched = False
        self._agreed_at = 0.0
        self._is_playing = False
        self._sound = b""
        self._at = 0
        self._heard: HeardSound | None = None
        self._lag_samples = _HEARING_LAG_SAMPLES
        self._sequence = random.randrange(1 << 16)
        self._timestamp = random.randrange(1 << 32)
        self._ssrc = random.randrange(1 << 32)
        self._last_key: tuple[int, int] | None = None  # source, RTP timestamp of its start
        self._keys: deque[_KeyBeingSent] = deque()
        self._key: _KeyBeingSent | None = None
        self._key_pause = 0

    # --- life ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # the class differs between event loops

    def agree(self, terms: MediaTerms, signalling_host: str) -> None:
        """Take the other side's terms, first or anew (hold, resume, moved media)."""
        first = self._terms is None
        resumed = self._terms is not None and self._terms.is_held and not terms.is_held
        if self._terms is None or (self._terms.host, self._terms.port) != (terms.host, terms.port):
            self._remote = (terms.host, terms.port)
            self._is_latched = False
            self._agreed_at = self._loop.time()
        if self._terms is not None and self._terms.encoding is not terms.encoding:
            # what waits is in the wrong encoding: a prompt cut short is better than noise
            self._finish_sound()
            self._heard = self._heard and self._new_window(terms.encoding)
        self._terms = terms
        self._signalling_host = signalling_host
        if first or resumed:
            self.last_heard_at = self._loop.time()
        if first:
            self._clock.add(self, {Turn.HEAR: self._hear_on, Turn.SEND: self._send_on})

    @property
    def encoding(self) -> SoundEncoding:
        return self._terms.encoding if self._terms is not None else SoundEncoding.ALAW

    @property
    def is_held(self) -> bool:
        return self._terms is not None and self._terms.is_held

    def close(self) -> None:
        if self._transport is None:
            return
        self._clock.remove(self)
        self._transport.close()
        self._transport = None
        self._ports.give_back(self.port)

    # --- MediaStream ---

    def play(self, sound: bytes) -> None:
        self._sound = self._sound[self._at :] + sound
        self._at = 0
        self._is_playing = True

    def discard(self) -> None:
        self._sound, self._at, self._is_playing = b"", 0, False

    def start_hearing(self, *, is_live: bool = False) -> None:
        self._lag_samples = _LIVE_LAG_SAMPLES if is_live else _HEARING_LAG_SAMPLES
        self._heard = self._new_window(self.encoding)

    def stop_hearing(self) -> None:
        if self._heard is not None:
            heard, self._heard = self._heard, None
            self._hand_over(heard.take_rest())

    def send_key(self, digit: str) -> "asyncio.Future[None]":
        """Press a key as RFC 4733 events, after those still being sent; done once it was released.

        Only the test phone presses keys. A peer that takes none lets it pass unsent.
        """
        released = self._loop.create_future()
        self._keys.append(_KeyBeingSent(DTMF_EVENTS[digit], released))
        return released

    def _new_window(self, encoding: SoundEncoding) -> HeardSound:
        return HeardSound(silence(1, encoding), self._lag_samples)

    def _hand_over(self, sound: bytes) -> None:
        if sound and self.listener is not None:
            self.listener.frame_heard(decode(sound, self.encoding))

    # --- driven by the clock ---

    def _hear_on(self) -> None:
        if self._heard is not None:
            self._hand_over(self._heard.take(FRAME_SAMPLES))

    def _send_on(self) -> None:
        terms = self._terms
        if terms is None or self._transport is None:
            return
        if not terms.is_held:
            if self._key is not None or (self._keys and self._key_pause == 0):
                self._send_key_packet(terms)
            else:
                self._key_pause = max(0, self._key_pause - 1)
                self._send_sound(terms)
        self._timestamp = self._timestamp + FRAME_SAMPLES & 0xFFFFFFFF

    def _send_sound(self, terms: MediaTerms) -> None:
        if not self._is_playing:
            self._send(terms.payload_type, self._timestamp, silence(FRAME_SAMPLES, terms.encoding))
            return
        frame = self._sound[self._at : self._at + FRAME_SAMPLES]
        self._at += FRAME_SAMPLES
        if len(frame) < FRAME_SAMPLES:
            frame += silence(FRAME_SAMPLES - len(frame), terms.encoding)
        self._send(terms.payload_type, self._timestamp, frame)
        if self._at >= len(self._sound):
            self._finish_sound()

    def _finish_sound(self) -> None:
        was_playing = self._is_playing
        self.discard()
        if was_playing and self.listener is not None:
            self.listener.sound_played()

    def _send_key_packet(self, terms: MediaTerms) -> None:
        if self._key is None:
            self._key = self._keys.popleft()
            self._key.timestamp = self._timestamp
        key = self._key
        key.ticks += 1
        is_last = key.ticks >= _KEY_TICKS
        event = DtmfEvent(event=key.event, end=is_last, volume=10, duration=key.ticks * FRAME_SAMPLES)
        if terms.digits_out is not None:
            for _ in range(3 if is_last else 1):  # the end is sent three times (RFC 4733 §2.5.1.4)
                self._send(terms.digits_out, key.timestamp, event.serialize(), marker=key.ticks == 1)
        if is_last:
            key.release()
            self._key, self._key_pause = None, _KEY_GAP_TICKS

    def _send(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool = False) -> None:
        assert self._transport is not None
        header = _HEADER.pack(_PLAIN, payload_type | (marker << 7), self._sequence, timestamp, self._ssrc)
        self._sequence = self._sequence + 1 & 0xFFFF
        self._transport.sendto(header + payload, self._remote)

    # --- receiving ---

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if (addr != self._remote or not self._is_latched) and not self._latches(addr):
            self._counters.odd(Count.STRANGER_RTP)
            return
        terms = self._terms
        if terms is None or (len(data) >= 2 and is_rtcp(data)):
            return
        parsed = _parse(data)
        if parsed is None:
            self._counters.odd(Count.MALFORMED_RTP, size=len(data))
            return
        payload_type, timestamp, source, payload = parsed
        self.last_heard_at = self._loop.time()
        if payload_type == terms.payload_type:
            if self._heard is not None and not terms.is_held and not self._heard.put(source, timestamp, payload):
                self._counters.add(Count.LATE_RTP)
        elif payload_type in terms.digits_in:
            self._take_key_packet(source, timestamp, payload)

    def _latches(self, addr: tuple[str, int]) -> bool:
        """Whom to hear and to speak to from now on.

        The agreed address always wins. Behind NAT it is wrong: if it stays silent, the first packet from
        the peer's own host shows the right one (symmetric RTP, RFC 4961). Nobody else is ever heard.
        """
        terms = self._terms
        if terms is None:
            return False
        is_agreed = addr == (terms.host, terms.port)
        if not is_agreed and (self._is_latched or not self._may_be_moved(terms, addr[0])):
            return False
        self._remote, self._is_latched = addr, True
        return True

    def _may_be_moved(self, terms: MediaTerms, host: str) -> bool:
        waited_s = self._loop.time() - self._agreed_at
        return waited_s > _AGREED_ADDRESS_FIRST_S and host in (terms.host, self._signalling_host)

    def _take_key_packet(self, source: int, timestamp: int, payload: bytes) -> None:
        """A press counts at its first packet: its end may be lost, and a prompt must stop at once."""
        try:
            event = DtmfEvent.parse(payload)
        except ValueError:
            self._counters.odd(Count.MALFORMED_RTP, size=len(payload))
            return
        if self._last_key is not None and self._last_key[0] == source:
            newer = timestamp - self._last_key[1] & 0xFFFFFFFF
            if newer == 0 or newer >= 0x80000000:
                return
        self._last_key = (source, timestamp)
        if event.event < 12 and self.listener is not None:
            self.listener.digit_pressed(event.digit)


def _parse(data: bytes) -> tuple[int, int, int, bytes] | None:
    """Payload type, timestamp, source and payload; the plain header is read by hand, fifty times a second."""
    if not 12 < len(data) <= _MAX_RTP_BYTES:
        return None
    if data[0] == _PLAIN:
        _, marked_type, _, timestamp, source = _HEADER.unpack_from(data)
        return marked_type & 0x7F, timestamp, source, data[12:]
    try:
        packet = RtpPacket.parse(data)
    except (ValueError, struct.error, IndexError):
        return None
    return packet.payload_type, packet.timestamp, packet.ssrc, packet.payload


async def open_stream(clock: FrameClock, ports: RtpPorts, counters: Counters) -> RtpStream:
    """A stream on a free port; raises NoFreePort."""
    bound, port = ports.open()
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_datagram_endpoint(lambda: RtpStream(clock, ports, counters, port), sock=bound)
    return stream
