"""The callers' voices and ears: a light process that sends and times RTP for many calls.

SIPp can send RTP, but times nothing that it receives, and its sending threads would disturb the measure.
Arrivals are stamped by the kernel, so it does not matter when this process gets round to reading them.
"""

import math
import select
import socket
import struct
import time
from array import array
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from app.bench.rtp_lateness import Arrivals
from app.bench.side import settle_down
from ivr.adapters.sound import FRAME_SAMPLES, encode
from ivr.ports import SAMPLE_RATE, SoundEncoding

_SO_TIMESTAMPNS = 35  # Linux; the socket module does not name it
_TIME = struct.Struct("=qq")
_HEADER = struct.Struct("!BBHII")
_PCMA = 8
_FRAME_S = 0.02
_SLOTS = 20
"""Callers do not speak in step: their frames leave spread over the 20 ms."""
_LARGEST = 2048

FLOWING, ARRIVALS, CPU_S, STOP = "flowing", "arrivals", "cpu_s", "stop"
"""What the peer is asked: how many streams hear something; what came in; the CPU time it used; to end."""


@dataclass
class _Stream:
    socket: socket.socket
    ssrc: int
    remote: tuple[str, int] | None = None
    sent: int = 0
    sequence: "array[int]" = field(default_factory=lambda: array("H"))
    at_s: "array[float]" = field(default_factory=lambda: array("d"))


def speak_and_listen(asked: Connection, streams: int, core: int | None) -> None:
    """Tells the ports of its streams first, then answers questions. Speaks to whoever has spoken to a port."""
    settle_down(core)
    peer = _Peer(streams)
    asked.send(peer.ports)
    peer.run(asked)


class _Peer:
    def __init__(self, streams: int) -> None:
        self._streams = [_Stream(_stamping_socket(), number) for number in range(streams)]
        self._by_descriptor = {stream.socket.fileno(): stream for stream in self._streams}
        self._voice = _tone()

    @property
    def ports(self) -> list[int]:
        return [stream.socket.getsockname()[1] for stream in self._streams]

    def run(self, asked: Connection) -> None:
        poll = select.epoll()
        for descriptor in (*self._by_descriptor, asked.fileno()):
            poll.register(descriptor, select.EPOLLIN)
        slot, due = 0, time.monotonic()
        while True:
            for descriptor, _ in poll.poll(max(0.0, due - time.monotonic())):
                if descriptor == asked.fileno():
                    if not self._answer(asked):
                        return
                else:
                    _take(self._by_descriptor[descriptor])
            while due <= time.monotonic():
                for stream in self._streams[slot::_SLOTS]:
                    self._speak(stream)
                slot, due = (slot + 1) % _SLOTS, due + _FRAME_S / _SLOTS

    def _answer(self, asked: Connection) -> bool:
        """False: it is over."""
        try:
            question = asked.recv()
        except EOFError:
            return False
        if question == FLOWING:
            asked.send(sum(1 for stream in self._streams if stream.at_s))
        elif question == ARRIVALS:
            asked.send([Arrivals(stream.sequence, stream.at_s) for stream in self._streams])
        elif question == CPU_S:
            asked.send(time.process_time())
        return bool(question != STOP)

    def _speak(self, stream: _Stream) -> None:
        if stream.remote is None:
            return
        header = _HEADER.pack(0x80, _PCMA, stream.sent & 0xFFFF, stream.sent * FRAME_SAMPLES & 0xFFFFFFFF, stream.ssrc)
        stream.sent += 1
        stream.socket.sendto(header + self._voice, stream.remote)


def _take(stream: _Stream) -> None:
    """Everything that waits on the stream's socket."""
    while True:
        try:
            packet, notes, _, sender = stream.socket.recvmsg(_LARGEST, 64)
        except BlockingIOError:
            return
        except ConnectionRefusedError:  # what we sent found nobody: the call is over
            continue
        if len(packet) != _HEADER.size + FRAME_SAMPLES or not notes:
            continue
        seconds, nanoseconds = _TIME.unpack(notes[0][2])
        stream.sequence.append(_HEADER.unpack_from(packet)[2])
        stream.at_s.append(seconds + nanoseconds / 1e9)
        stream.remote = sender


def _stamping_socket() -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    return bound


def _tone() -> bytes:
    """One frame of 400 Hz, eight whole waves: frames join without a click, and the recorder takes it for speech."""
    waves = [round(8000 * math.sin(2 * math.pi * 400 * n / SAMPLE_RATE)) for n in range(FRAME_SAMPLES)]
    return encode(struct.pack(f"<{FRAME_SAMPLES}h", *waves), SoundEncoding.ALAW)
