"""WAV files of any rate, width and channel count through pydub; no ffmpeg is needed or started."""

import struct
from pathlib import Path

import numpy as np
import soxr
from pydub import AudioSegment
from pydub.audio_segment import extract_wav_headers
from pydub.exceptions import CouldntDecodeError

from asr.domain.errors import AudioUnreadable
from asr.domain.words import Speaker
from asr.ports import Side, Sound

_RATES = range(4000, 192_001)
_CHANNELS = range(1, 9)
_WIDTHS = (1, 2, 3, 4)


class PydubAudio:
    """Reads one whole file at a time, so it refuses files that would not fit comfortably into memory."""

    def __init__(self, *, max_bytes: int = 128 << 20, max_s: float = 3600.0) -> None:
        self._max_bytes = max_bytes
        self._max_s = max_s

    def decode(self, path: Path, sample_rate: int) -> Sound:
        return Sound(sample_rate, (Side(Speaker.CITIZEN, self.to_pcm(path, sample_rate)),), None)

    def to_pcm(self, path: Path, sample_rate: int) -> bytes:
        segment = self._read(path)
        if not segment.raw_data:
            return b""
        mono = segment.set_channels(1).set_sample_width(2)
        pcm: bytes = mono.raw_data
        if mono.frame_rate == sample_rate:
            return pcm
        samples = np.frombuffer(pcm, dtype="<i2")
        resampled: bytes = soxr.resample(samples, mono.frame_rate, sample_rate).astype("<i2").tobytes()
        return resampled

    def _read(self, path: Path) -> AudioSegment:
        try:
            size = path.stat().st_size
            if size > self._max_bytes:
                raise AudioUnreadable("the file is too large", size_bytes=size)
            data = bytearray(path.read_bytes())
        except OSError as error:
            raise AudioUnreadable(f"the file cannot be read: {error.strerror}") from error
        try:
            self._check(data)
            segment = AudioSegment(bytes(data))
        except (CouldntDecodeError, struct.error, ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
            raise AudioUnreadable(f"not a WAV file that can be decoded: {error}") from error
        if segment.duration_seconds > self._max_s:
            raise AudioUnreadable("the recording is too long", duration_s=segment.duration_seconds)
        return segment

    @staticmethod
    def _check(data: bytearray) -> None:
        """Refuse what pydub would misread, and mend the length of a file whose writer was killed."""
        if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
            raise CouldntDecodeError("no RIFF/WAVE header")
        headers = {header.id: header for header in extract_wav_headers(bytes(data))}
        if b"data" not in headers or b"fmt " not in headers:
            raise CouldntDecodeError("no fmt or data chunk")
        _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, headers[b"fmt "].position + 8)
        if rate not in _RATES or channels not in _CHANNELS or bits // 8 not in _WIDTHS or bits % 8:
            raise CouldntDecodeError(f"impossible format: {rate} Hz, {channels} channels, {bits} bits")
        start = headers[b"data"].position + 8
        there = len(data) - start
        claimed = headers[b"data"].size or there  # 0: the header was never completed
        whole = min(claimed, there) // (channels * bits // 8) * (channels * bits // 8)
        struct.pack_into("<I", data, start - 4, whole)
