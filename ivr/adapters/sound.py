"""Telephone sound: G.711 both ways, silence, and clips kept ready in the encoding a call wants."""

import asyncio
import audioop
import wave
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from ivr.domain.errors import PromptMissing
from ivr.ports import SAMPLE_RATE, Clip, SoundEncoding

FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
_CLIPS_KEPT = 512


def encode(pcm: bytes, encoding: SoundEncoding) -> bytes:
    # audioop, because aiortp's A-law has the opposite polarity of everybody else's
    match encoding:
        case SoundEncoding.ALAW:
            return audioop.lin2alaw(pcm, 2)
        case SoundEncoding.ULAW:
            return audioop.lin2ulaw(pcm, 2)
        case SoundEncoding.PCM16:
            return pcm


def decode(sound: bytes, encoding: SoundEncoding) -> bytes:
    match encoding:
        case SoundEncoding.ALAW:
            return audioop.alaw2lin(sound, 2)
        case SoundEncoding.ULAW:
            return audioop.ulaw2lin(sound, 2)
        case SoundEncoding.PCM16:
            return sound


def silence(samples: int, encoding: SoundEncoding) -> bytes:
    match encoding:
        case SoundEncoding.ALAW:
            return b"\xd5" * samples
        case SoundEncoding.ULAW:
            return b"\xff" * samples
        case SoundEncoding.PCM16:
            return bytes(2 * samples)


def read_clip(clip: Clip) -> bytes:
    """The clip's PCM; raises PromptMissing when it is not there or not 8 kHz mono 16-bit WAV."""
    return _read_pcm(clip.key, clip.path)


def _read_pcm(key: str, path: Path) -> bytes:
    try:
        with wave.open(str(path), "rb") as wav:
            if (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) != (SAMPLE_RATE, 1, 2):
                raise PromptMissing(f"{key}: not 8 kHz mono 16-bit", key=key)
            return wav.readframes(wav.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise PromptMissing(f"{key}: {type(error).__name__}", key=key) from error


class SoundShelf:
    """Clips in memory, encoded once; shared by all calls of a process. Files are read in a thread."""

    def __init__(self) -> None:
        self._sounds: OrderedDict[tuple[Path, SoundEncoding], bytes] = OrderedDict()

    async def sound_of(self, clips: Sequence[Clip], encoding: SoundEncoding) -> bytes:
        return b"".join([await self._one(clip, encoding) for clip in clips])

    async def _one(self, clip: Clip, encoding: SoundEncoding) -> bytes:
        key = (clip.path, encoding)
        sound = self._sounds.get(key)
        if sound is None:
            sound = encode(await asyncio.to_thread(read_clip, clip), encoding)
            self._sounds[key] = sound
            if len(self._sounds) > _CLIPS_KEPT:
                self._sounds.popitem(last=False)
        else:
            self._sounds.move_to_end(key)
        return sound
