"""A file as a stream of samples within limits: plain WAV is read here, everything else comes from ffmpeg's pipe."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from asr.adapters.ffmpeg import Ffmpeg, FfmpegOutput, refusal
from asr.adapters.wav_stream import Samples, WavHeader, blocks, read_header
from asr.domain.errors import AudioEmpty, AudioTooLarge, AudioTooLong, AudioUnreadable
from asr.ports import AudioFacts

_FORMAT = re.compile(r"^Input #0, (\w+)", re.MULTILINE)
_DURATION = re.compile(r"^ +Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """What a file may ask of this machine."""

    max_bytes: int = 128 << 20
    max_s: float = 3600.0
    max_decoded_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class AudioStream:
    """`blocks` have one or two channels; a file with more of them was mixed to one."""

    sample_rate: int
    channels: int
    """Of the file."""
    blocks: Iterator[Samples]


class AudioReader:
    """Opens one file at a time; what it gives is counted while it is read."""

    def __init__(self, limits: AudioLimits, ffmpeg: Ffmpeg) -> None:
        self._limits = limits
        self._ffmpeg = ffmpeg

    @contextmanager
    def opened(self, path: Path) -> Iterator[AudioStream]:
        with self._file(path) as file:
            header = _plain_wav(file)
            if header is not None:
                yield self._stream(header, blocks(file, header))
                return
        with self._ffmpeg.decoding(path) as output:
            header = _decoded_header(output)
            yield self._stream(header, _decoded_blocks(output, header))

    def facts(self, path: Path) -> AudioFacts:
        with self._file(path) as file:
            header = _plain_wav(file)
            if header is not None:
                there = path.stat().st_size - file.tell()
                frames = min(there, header.data_bytes or there) // (header.width * header.channels)
                return self._checked("wav", frames / header.sample_rate, header)
        with self._ffmpeg.looking(path) as output:
            header = _decoded_header(output)
            said = output.complaints()
        form, duration = _FORMAT.search(said), _DURATION.search(said)
        seconds = int(duration[1]) * 3600 + int(duration[2]) * 60 + float(duration[3]) if duration else None
        return self._checked(form[1] if form else "", seconds, header)

    @contextmanager
    def _file(self, path: Path) -> Iterator[BinaryIO]:
        try:
            size = path.stat().st_size
            file = path.open("rb")
        except OSError as error:
            raise AudioUnreadable(f"the file cannot be read: {error.strerror}") from error
        with file:
            if size == 0:
                raise AudioEmpty("the file is empty")
            if size > self._limits.max_bytes:
                raise AudioTooLarge("the file is too large", size_bytes=size, max_bytes=self._limits.max_bytes)
            yield file

    def _checked(self, form: str, seconds: float | None, header: WavHeader) -> AudioFacts:
        if seconds is not None and seconds > self._limits.max_s:
            raise AudioTooLong("the recording is too long", duration_s=round(seconds), max_s=self._limits.max_s)
        duration_ms = None if seconds is None else round(seconds * 1000)
        return AudioFacts(form, duration_ms, header.sample_rate, header.channels)

    def _stream(self, header: WavHeader, samples: Iterator[Samples]) -> AudioStream:
        return AudioStream(header.sample_rate, header.channels, self._counted(header, samples))

    def _counted(self, header: WavHeader, samples: Iterator[Samples]) -> Iterator[Samples]:
        frames = 0
        for block in samples:
            frames += len(block)
            if frames > self._limits.max_s * header.sample_rate:
                raise AudioTooLong("the recording is too long", max_s=self._limits.max_s)
            if frames * header.channels * _SAMPLE_BYTES > self._limits.max_decoded_bytes:
                raise AudioTooLarge("the decoded sound is too large", max_bytes=self._limits.max_decoded_bytes)
            yield block if header.channels <= 2 else _mixed(block)


def _plain_wav(file: BinaryIO) -> WavHeader | None:
    """The header of a WAV file with uncompressed samples, standing at the first one; None for everything else."""
    start = file.read(12)
    if start[:4] != b"RIFF" or start[8:12] != b"WAVE":
        return None
    file.seek(0)
    header = read_header(file)
    return header if header.is_pcm else None


def _decoded_header(output: FfmpegOutput) -> WavHeader:
    try:
        return read_header(output)
    except AudioUnreadable as error:
        if type(error) is not AudioUnreadable:
            raise
        raise refusal(output.complaints()) from None


def _decoded_blocks(output: FfmpegOutput, header: WavHeader) -> Iterator[Samples]:
    """What could be decoded: a damaged file gives what it still holds. Nothing at all is an error."""
    is_empty = True
    for block in blocks(output, header):
        is_empty = False
        yield block
    status = output.status()
    if status == -signal.SIGXCPU:
        raise AudioTooLong("decoding takes too long")
    if status < 0:
        raise AudioUnreadable("the decoder died of this file", signal=-status)
    if is_empty:
        raise AudioEmpty("the file holds no sound")


def _mixed(block: Samples) -> Samples:
    mean: Samples = np.round(block.mean(axis=1, keepdims=True, dtype=np.float32)).astype(np.int16)
    return mean
