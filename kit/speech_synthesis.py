"""Mandarin speech from text: hanzi → numbered pinyin → espeak-ng → 8 kHz telephone PCM.

espeak-ng's own `cmn` voice reads hanzi badly, so it is given pinyin with the tones as they are really spoken.
"""

import functools
import itertools
import shutil
import struct
import subprocess
import unicodedata

import numpy as np
import soxr
from pypinyin import Style, lazy_pinyin

from kit.errors import Invalid, Unavailable

SAMPLE_RATE = 8000
"""Hz of everything that comes out of here."""

_PROGRAM = "espeak-ng"
_LANGUAGE = "cmn-latn-pinyin"
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_SYLLABIC_NASALS = {"n": "en", "ng": "en", "m": "en", "hm": "heng", "hng": "heng"}
_SENTENCE_ENDS = "。！？!?….;；"
_TIMEOUT_S = 60.0


class SynthesiserMissing(Unavailable):
    """espeak-ng is not installed (Debian package espeak-ng)."""

    code = "speech_synthesis.missing"


class VoiceUnknown(Invalid):
    """espeak-ng has no such voice variant; it would silently speak with its default one."""

    code = "speech_synthesis.unknown_voice"


def synthesise(text: str, *, voice: str = "", rate_wpm: int = 150, pitch: int = 50) -> bytes:
    """Speak Chinese text; returns 16-bit little-endian mono PCM at SAMPLE_RATE.

    `voice` is the name of an espeak-ng variant (`m3`, `f4`, `Annie`), empty for its default voice;
    `pitch` is 0..99. Arabic digits are read one by one. A text with nothing to say gives no samples.
    """
    spoken = spoken_pinyin(text)
    if not spoken:
        return b""
    if voice and voice not in voices():
        raise VoiceUnknown(f"espeak-ng has no voice variant {voice!r}", voice=voice)
    name = f"{_LANGUAGE}+{voice}" if voice else _LANGUAGE
    wav = _espeak("-v", name, "-s", str(rate_wpm), "-p", str(pitch), "-b", "1", "--stdin", "--stdout", said=spoken)
    rate = struct.unpack_from("<I", wav, 24)[0]  # a streamed WAV: 44 bytes of header, its lengths are not filled in
    samples = np.frombuffer(wav, dtype="<i2", offset=44)
    resampled: bytes = soxr.resample(samples, rate, SAMPLE_RATE, quality="HQ").astype("<i2").tobytes()
    return resampled


@functools.cache
def voices() -> frozenset[str]:
    """Names of the voice variants that the installed espeak-ng knows."""
    lines = _espeak("--voices=variant", said="").decode().splitlines()[1:]
    return frozenset(word.split("/", 1)[1] for line in lines for word in line.split() if word.startswith("!v/"))


def spoken_pinyin(text: str) -> str:
    """Numbered pinyin (`v` for ü, 5 for the neutral tone) with tone sandhi applied and punctuation as pauses."""
    normal = unicodedata.normalize("NFKC", text).translate(_DIGITS)
    clauses: list[list[str]] = [[]]
    ends: list[str] = []
    for run in lazy_pinyin(normal, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False, tone_sandhi=True):
        if run.isascii() and run[:-1].isalpha() and run[-1].isdigit():
            clauses[-1].append(_SYLLABIC_NASALS.get(run[:-1], run[:-1]) + run[-1])
            continue
        for character in run:  # what is not hanzi comes back as one piece
            if character.isalnum():
                clauses[-1].append(character)
            elif not character.isspace():
                ends.append("." if character in _SENTENCE_ENDS else ",")
                clauses.append([])
    said = [" ".join(_with_sandhi(clause)) + end for clause, end in zip(clauses, [*ends, ""], strict=True) if clause]
    return " ".join(said).strip()


def _with_sandhi(syllables: list[str]) -> list[str]:
    """Across words: of a run of third tones all but the last rise to the second; 不 before a fourth tone too."""
    spoken = list(syllables)
    for index, (this, following) in enumerate(itertools.pairwise(syllables)):
        if (this.endswith("3") and following.endswith("3")) or (this == "bu4" and following.endswith("4")):
            spoken[index] = this[:-1] + "2"
    return spoken


def _espeak(*arguments: str, said: str) -> bytes:
    program = shutil.which(_PROGRAM)
    if program is None:
        raise SynthesiserMissing("espeak-ng is not installed (Debian package: espeak-ng)")
    done = subprocess.run(
        [program, *arguments], input=said.encode(), capture_output=True, check=False, timeout=_TIMEOUT_S
    )
    if done.returncode != 0 or (said and len(done.stdout) < 44):
        raise SynthesiserMissing("espeak-ng does not speak", exit_status=done.returncode)
    return done.stdout
