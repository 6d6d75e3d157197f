"""What the telephones of a measurement take for sound. Real sockets on loopback; no process, no waiting for time."""

import select
import socket
import struct
from collections.abc import Iterator

import pytest

from app.bench.rtp_lateness import lost_frames
from app.bench.rtp_peer import _stamping_socket, _Stream, _take, _tone


@pytest.fixture
def stream() -> Iterator[_Stream]:
    with _stamping_socket() as bound:
        yield _Stream(bound, ssrc=1)


def _comes(stream: _Stream, number: int, sound: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(struct.pack("!BBHII", 0x80, 8, number, number * 160, 7) + sound, stream.socket.getsockname())
    assert select.select([stream.socket], [], [], 5)[0]
    _take(stream)


def test_a_frame_of_silence_between_sounds_is_a_hole_that_counts_as_lost(stream: _Stream) -> None:
    for number, sound in enumerate([_tone(), b"\xd5" * 160, _tone(), _tone()[:60] + b"\xd5" * 100, _tone()]):
        _comes(stream, number, sound)
    assert list(stream.sequence) == [0, 1, 2, 3, 4]
    assert list(stream.sound().sequence) == [0, 2, 4]
    assert lost_frames(stream.sound()) == 2


def test_what_is_no_frame_of_20_ms_is_not_counted(stream: _Stream) -> None:
    _comes(stream, 0, b"\x00")  # comfort noise, to keep a line open
    assert not stream.sequence
    assert stream.remote is None
