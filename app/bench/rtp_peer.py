"""The callers' voices and ears: a light process that sends and times RTP for many calls.

SIPp can send RTP, but times nothing that it receives, and its sending threads would disturb the measure.
Arrivals are stamped by the kernel, so it does not matter when this process gets round to reading them.
"""

import contextlib
import math
import os
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
_SILENT = b"\xd5"
_SILENT_SAMPLES = FRAME_SAMPLES // 2
"""So many in a frame, and it is a hole in the sound: our tone has a tenth of it."""

FLOWING, ARRIVALS, SOUND, EFFORT, STOP = "flowing", "arrivals", "sound", "effort", "stop"
"""What the peer is asked: how many streams hear something; what came in; what of it was not silence; its Effort
since the last time; to end."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What it cost the peer, and how late it spoke itself: where lines pass frames on as they come, all hear that."""

    cpu_s: float
    lateness_ms: list[float]


@dataclass
class _Stream:
    socket: socket.socket
    ssrc: int
    remote: tuple[str, int] | None = None
    sent: int = 0
    sequence: "array[int]" = field(default_factory=lambda: array("H"))
    at_s: "array[float]" = field(default_factory=lambda: array("d"))
    is_silent: bytearray = field(default_factory=bytearray)

    def sound(self) -> Arrivals:
        """As if a frame of silence had never come."""
        frames = zip(self.sequence, self.at_s, self.is_silent, strict=True)
        kept = [(number, at_s) for number, at_s, is_silent in frames if not is_silent]
        return Arrivals([number for number, _ in kept], [at_s for _, at_s in kept])


def speak_and_listen(asked: Connection, streams: int, core: int | None) -> None:
    """Tells the ports of its streams first, then answers questions. Speaks to whoever has spoken to a port."""
    settle_down(core)
    _be_punctual()
    peer = _Peer(streams)
    asked.send(peer.ports)
    peer.run(asked)


def _be_punctual() -> None:
    """Where we may, come before every ordinary program: telephones that are late themselves measure nothing."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


class _Peer:
    def __init__(self, streams: int) -> None:
        self._streams = [_Stream(_stamping_socket(), number) for number in range(streams)]
        self._by_descriptor = {stream.socket.fileno(): stream for stream in self._streams}
        self._voice = _tone()
        self._lateness_ms: list[float] = []
        self._cpu_at = time.process_time()

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
            while due <= (now := time.monotonic()):
                self._lateness_ms.append((now - due) * 1000)
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
        elif question == SOUND:
            asked.send([stream.sound() for stream in self._streams])
        elif question == EFFORT:
            asked.send(self._effort())
        return bool(question != STOP)

    def _effort(self) -> Effort:
        cpu_s, lateness_ms = time.process_time(), self._lateness_ms
        effort = Effort(cpu_s - self._cpu_at, lateness_ms)
        self._cpu_at, self._lateness_ms = cpu_s, []
        return effort

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
        stream.is_silent.append(packet.count(_SILENT, _HEADER.size) >= _SILENT_SAMPLES)
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
