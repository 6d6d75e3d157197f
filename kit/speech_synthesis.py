"""Mandarin speech from text: hanzi → numbered pinyin → espeak-ng → 8 kHz telephone sound.

espeak-ng's own `cmn` voice reads hanzi badly, so it is given pinyin with the tones as they are really spoken.
"""

import functools
import shutil
import struct
import subprocess

import numpy as np
import numpy.typing as npt
import soxr

from kit.errors import Invalid, Unavailable
from kit.spoken_chinese import pinyin_of

SAMPLE_RATE = 8000
"""Hz of everything that comes out of here."""

Sound = npt.NDArray[np.float64]
"""Samples between -1 and 1."""

_PROGRAM = "espeak-ng"
VOICE = "cmn-latn-pinyin"
_WAV_HEADER = 44
_TIMEOUT_S = 60.0


class SynthesiserMissing(Unavailable):
    """espeak-ng is not installed (Debian package espeak-ng), or does not speak."""

    code = "speech_synthesis.missing"


class VoiceUnknown(Invalid):
    """espeak-ng has no such voice variant; it would silently speak with its default one."""

    code = "speech_synthesis.unknown_voice"


def synthesise(text: str, *, voice: str = "", rate_wpm: int = 150, pitch: int = 50) -> bytes:
    """Speak Chinese text; returns 16-bit little-endian mono PCM at SAMPLE_RATE.

    `voice` is the name of an espeak-ng variant (`m3`, `f4`, `Annie`), empty for its default voice;
    `pitch` is 0..99. Raises TextNotSpeakable, VoiceUnknown, SynthesiserMissing.
    """
    sound = speak(pinyin_of(text), voice=voice, rate_wpm=rate_wpm, pitch=pitch)
    return np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def speak(pinyin: str, *, voice: str = "", rate_wpm: int = 150, pitch: int = 50) -> Sound:
    """Speak numbered pinyin (`ni2 hao3, zai4 jian4.`) at SAMPLE_RATE; the same words give the same samples.

    Raises VoiceUnknown, SynthesiserMissing.
    """
    if voice and voice not in voices():
        raise VoiceUnknown(f"espeak-ng has no voice variant {voice!r}", voice=voice)
    name = f"{VOICE}+{voice}" if voice else VOICE
    wav = _espeak("-v", name, "-s", str(rate_wpm), "-p", str(pitch), "--stdin", "--stdout", said=pinyin)
    rate = struct.unpack_from("<I", wav, 24)[0]
    # A streamed WAV claims a length of its own fancy: take what is there.
    whole = (len(wav) - _WAV_HEADER) // 2
    samples = np.frombuffer(wav, dtype="<i2", offset=_WAV_HEADER, count=whole).astype(np.float64) / 32768
    resampled: Sound = soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ")
    return resampled


@functools.cache
def voices() -> frozenset[str]:
    """Names of the voice variants that the installed espeak-ng knows."""
    lines = _espeak("--voices=variant", said="").decode().splitlines()[1:]
    return frozenset(word.split("/", 1)[1] for line in lines for word in line.split() if word.startswith("!v/"))


def _espeak(*arguments: str, said: str) -> bytes:
    program = shutil.which(_PROGRAM)
    if program is None:
        raise SynthesiserMissing("espeak-ng is not installed (Debian package: espeak-ng)")
    try:
        done = subprocess.run(
            [program, *arguments], input=said.encode(), capture_output=True, check=True, timeout=_TIMEOUT_S
        )
    except subprocess.SubprocessError as error:
        raise SynthesiserMissing(f"espeak-ng does not speak: {error}") from None
    if said and len(done.stdout) <= _WAV_HEADER:
        raise SynthesiserMissing("espeak-ng does not speak: it gave no sound")
    return done.stdout
