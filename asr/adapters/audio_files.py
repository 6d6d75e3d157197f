"""Recorded and uploaded files of every common format, as the recogniser and the browser want them."""

import wave
from pathlib import Path

import numpy as np
import soxr

from asr.adapters.audio_stream import AudioLimits, AudioReader, AudioStream
from asr.adapters.ffmpeg import Ffmpeg
from asr.adapters.level import at_speech_level
from asr.adapters.sides import sides_of
from asr.adapters.sound_quality import measure
from asr.adapters.wav_stream import Samples
from asr.domain.words import Speaker
from asr.ports import AudioFacts, Side, Sound, WrittenWav

_BROWSER_RATE = 16_000


class AudioFiles:
    """Implements AudioConverter."""

    def __init__(self, limits: AudioLimits | None = None, ffmpeg: Ffmpeg | None = None) -> None:
        self._reader = AudioReader(limits or AudioLimits(), ffmpeg or Ffmpeg())

    def decode(self, path: Path, sample_rate: int) -> Sound:
        with self._reader.opened(path) as stream:
            samples, channels = _resampled(stream, sample_rate), stream.channels
        sides = sides_of(samples)
        quality = measure(sides[Speaker.CITIZEN], sample_rate, channels)
        return Sound(
            sample_rate,
            tuple(Side(speaker, at_speech_level(side, sample_rate)) for speaker, side in sides.items()),
            quality,
        )

    def probe(self, path: Path) -> AudioFacts:
        return self._reader.facts(path)

    def to_wav(self, source: Path, target: Path) -> WrittenWav:
        with self._reader.opened(source) as stream:
            rate = min(stream.sample_rate, _BROWSER_RATE)
            sides = sides_of(_resampled(stream, rate))
        quality = measure(sides[Speaker.CITIZEN], rate, len(sides))
        try:
            with wave.open(str(target), "wb") as file:
                file.setnchannels(len(sides))
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(np.column_stack(list(sides.values())).astype("<i2").tobytes())
        except OSError:
            target.unlink(missing_ok=True)
            raise
        return WrittenWav(quality.duration_ms, quality.speech_ms, rate, len(sides))


def _resampled(stream: AudioStream, sample_rate: int) -> Samples:
    """The whole stream at `sample_rate`, shape (frames, 1 or 2)."""
    wide = 2 if stream.channels == 2 else 1
    if stream.sample_rate == sample_rate:
        kept = list(stream.blocks)
        return np.concatenate(kept) if kept else np.zeros((0, wide), np.int16)
    resampler = soxr.ResampleStream(stream.sample_rate, sample_rate, wide, dtype="float32")
    pieces = [_as_int16(resampler.resample_chunk(_as_floats(block))) for block in stream.blocks]
    pieces.append(_as_int16(resampler.resample_chunk(_as_floats(np.zeros((0, wide), np.int16)), last=True)))
    return np.concatenate(pieces).reshape(-1, wide)


def _as_floats(block: Samples) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    floats = block.astype(np.float32)
    return floats[:, 0] if block.shape[1] == 1 else floats


def _as_int16(floats: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> Samples:
    return np.clip(np.round(floats), -32768, 32767).astype(np.int16)
