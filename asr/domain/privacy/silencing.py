"""The sound as it may leave the seat: which bytes of a WAV are silenced, and a block of it with those silenced.

The file keeps its size, so byte ranges of the masked sound are byte ranges of the original.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from asr.domain.errors import AudioUnreadable
from asr.domain.privacy.redaction import Redaction

PADDING_MS = 100
"""On either side: the times of words are exact to about 50 ms."""

_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_FMT_BYTES = 16
_SUB_FORMAT_AT = 24

ByteSpan = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WavLayout:
    """Where the samples of a WAV lie: bytes [data_start, data_end), `frame_bytes` for one instant of all channels."""

    data_start: int
    data_end: int
    frame_rate: int
    frame_bytes: int
    silence: int
    """The byte that silence is made of."""


def wav_layout(stream: BinaryIO, size_bytes: int) -> WavLayout:
    """Read the header. Raises AudioUnreadable for what is not a WAV whose samples can be silenced one by one."""
    stream.seek(0)
    head = stream.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise AudioUnreadable("not a WAV")
    form: tuple[int, int, int] | None = None
    at = 12
    while at + 8 <= size_bytes:
        stream.seek(at)
        name, length = struct.unpack("<4sI", stream.read(8))
        at += 8
        if name == b"fmt ":
            form = _form(stream.read(min(length, 64)))
        elif name == b"data":
            if form is None:
                break
            rate, frame_bytes, silence = form
            end = min(at + length, size_bytes) if length else size_bytes  # never filled in: players read on to the end
            return WavLayout(at, end, rate, frame_bytes, silence)
        at += length + length % 2
    raise AudioUnreadable("a WAV without samples")


def silenced_spans(redactions: Iterable[Redaction], layout: WavLayout) -> tuple[ByteSpan, ...]:
    """The bytes of every redaction with its padding: whole frames, in order, none touching another."""
    merged: list[ByteSpan] = []
    for redaction in sorted(redactions, key=lambda each: each.start_ms):
        start = _byte_at(layout, redaction.start_ms - PADDING_MS)
        end = _byte_at(layout, redaction.end_ms + PADDING_MS)
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged[-1][1])
            merged.pop()
        if start < end:
            merged.append((start, end))
    return tuple(merged)


def silenced(block: bytes, at: int, spans: Sequence[ByteSpan], silence: int) -> bytes:
    """A block of the file that begins at byte `at`, with the spans in it silenced."""
    quiet = bytearray(block)
    for start, end in spans:
        first, last = max(start - at, 0), min(end - at, len(quiet))
        if first < last:
            quiet[first:last] = bytes((silence,)) * (last - first)
    return bytes(quiet)


def _byte_at(layout: WavLayout, ms: int) -> int:
    frames = (layout.data_end - layout.data_start) // layout.frame_bytes
    return layout.data_start + min(max(ms * layout.frame_rate // 1000, 0), frames) * layout.frame_bytes


def _form(fmt: bytes) -> tuple[int, int, int]:
    """Frames per second, bytes per frame and the byte of silence."""
    if len(fmt) < _FMT_BYTES:
        raise AudioUnreadable("a WAV with a broken header")
    tag, channels, rate, _, frame_bytes, bits = struct.unpack("<HHIIHH", fmt[:_FMT_BYTES])
    if tag == _EXTENSIBLE and len(fmt) >= _SUB_FORMAT_AT + 2:
        tag = int.from_bytes(fmt[_SUB_FORMAT_AT : _SUB_FORMAT_AT + 2], "little")
    if tag not in (_PCM, _FLOAT, _A_LAW, _MU_LAW) or not rate or not channels or frame_bytes != channels * (bits // 8):
        raise AudioUnreadable("a WAV whose samples are not plain")
    return rate, frame_bytes, {_A_LAW: 0xD5, _MU_LAW: 0xFF}.get(tag, 0x80 if bits == 8 else 0)
