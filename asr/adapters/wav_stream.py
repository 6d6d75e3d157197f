"""WAV as it comes: from a file, from a killed writer, or out of a pipe. Nothing is read ahead of need."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from asr.domain.errors import AudioTooManyChannels, AudioUnreadable

Samples = npt.NDArray[np.int16]
"""Shape (frames, channels)."""

MAX_CHANNELS = 8
_RATES = range(4000, 192_001)
_WIDTHS = (1, 2, 3, 4)
_PCM, _EXTENSIBLE = 1, 0xFFFE
_BLOCK_BYTES = 1 << 20
_MOST_CHUNKS = 1000


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class WavHeader:
    is_pcm: bool
    channels: int
    sample_rate: int
    width: int
    """Bytes per sample."""
    data_bytes: int | None
    """As claimed; None: nobody knows (the writer was killed, or writes to a pipe)."""


def read_header(stream: Readable) -> WavHeader:
    """Read up to the first sample. Raises AudioUnreadable for what no telephone or computer ever wrote."""
    riff = stream.read(12)
    if riff[:4] != b"RIFF" or riff[8:12] != b"WAVE":
        raise AudioUnreadable("not a WAV file: no RIFF/WAVE header")
    form = b""
    for _ in range(_MOST_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:
            raise AudioUnreadable("not a whole WAV file: no fmt or data chunk")
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"data":
            return _header(form, size)
        content = _take(stream, size + size % 2, keep=name == b"fmt ")
        form = content or form
    raise AudioUnreadable("not a WAV file that can be decoded: too many chunks")


def blocks(stream: Readable, header: WavHeader) -> Iterator[Samples]:
    """All samples as 16 bit, a block at a time; a sample cut off in its middle is dropped."""
    frame = header.width * header.channels
    left = header.data_bytes
    while left is None or left > 0:
        wanted = _BLOCK_BYTES // frame * frame
        data = stream.read(wanted if left is None else min(wanted, left))
        whole = len(data) // frame * frame
        if whole:
            yield _as_int16(data[:whole], header.width).reshape(-1, header.channels)
        if whole < wanted:
            return
        left = None if left is None else left - whole


def _header(form: bytes, data_size: int) -> WavHeader:
    if len(form) < 16:
        raise AudioUnreadable("not a whole WAV file: no fmt chunk")
    codec, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if codec == _EXTENSIBLE and len(form) >= 26:
        (codec,) = struct.unpack_from("<H", form, 24)
    if channels > MAX_CHANNELS:
        raise AudioTooManyChannels(f"{channels} channels, {MAX_CHANNELS} at the most", channels=channels)
    is_pcm = codec == _PCM
    if rate not in _RATES or channels < 1 or (is_pcm and (bits // 8 not in _WIDTHS or bits % 8)):
        raise AudioUnreadable(f"impossible format: {rate} Hz, {channels} channels, {bits} bits")
    return WavHeader(is_pcm, channels, rate, bits // 8, data_size if 0 < data_size < 0xFFFFFFFF else None)


def _take(stream: Readable, size: int, *, keep: bool) -> bytes:
    """Read over a chunk; its content only where it is wanted (and then not more than makes sense)."""
    kept = stream.read(min(size, 64)) if keep else b""
    left = size - len(kept)
    while left > 0 and (data := stream.read(min(left, _BLOCK_BYTES))):
        left -= len(data)
    return kept


def _as_int16(data: bytes, width: int) -> Samples:
    if width == 1:  # 8-bit WAV is unsigned
        return ((np.frombuffer(data, dtype=np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    if width == 2:
        return np.frombuffer(data, dtype="<i2")
    upper = np.frombuffer(data, dtype=np.uint8).reshape(-1, width)[:, width - 2 :]
    return np.ascontiguousarray(upper).view("<i2").reshape(-1)
