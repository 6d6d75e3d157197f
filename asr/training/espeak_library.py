"""libespeak-ng through ctypes: sound together with the sample at which each phoneme starts.

The command line, which `kit.speech_synthesis` uses, does not tell when a phoneme starts. The library may die: use it
in a process that may be lost (`worker_pool.py`).
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kit.speech_synthesis import VOICE, SynthesiserMissing, VoiceUnknown

_LIBRARY = "libespeak-ng.so.1"
_DATA_FOLDERS = "usr/lib/*/espeak-ng-data"
_SYNCHRONOUS, _PHONEME_EVENTS, _CHARACTER_POSITION, _UTF8 = 2, 1, 1, 1
_PHONEME, _LIST_END = 7, 0
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_PAUSE_MARKS = (b"", b";")
_PAUSE_START = b"_"
Samples = npt.NDArray[np.float64]


class _PhonemeId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _PhonemeId),
    )


_Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Mark:
    """A phoneme, or a pause, begins at this sample."""

    sample: int
    is_pause: bool


@dataclass(frozen=True, slots=True)
class Style:
    """How a voice speaks; pitch and its range are 0..99, the gap between words is in units of 10 ms."""

    voice: str = ""
    rate_wpm: int = 175
    pitch: int = 50
    pitch_range: int = 50
    word_gap: int = 0


def installed_data() -> Path:
    """espeak-ng's data folder (Debian package espeak-ng-data). Raises SynthesiserMissing."""
    found = next(Path("/").glob(_DATA_FOLDERS), None)
    if found is None:
        raise SynthesiserMissing("espeak-ng's data are not installed (Debian package: espeak-ng-data)")
    return found


class EspeakLibrary:
    """One per process: the library keeps its state in globals."""

    def __init__(self, data: Path | None = None) -> None:
        """`data`: the parent of an espeak-ng-data folder other than the installed one."""
        try:
            self._library = ctypes.CDLL(_LIBRARY)
        except OSError:
            raise SynthesiserMissing("libespeak-ng is not installed (Debian package: libespeak-ng1)") from None
        path = str(data).encode() if data else None
        self.sample_rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, path, _PHONEME_EVENTS)
        self._handler = _Handler(self._collect)  # must live as long as the library may call it
        self._library.espeak_SetSynthCallback(self._handler)
        self._sound: list[bytes] = []
        self._marks: list[Mark] = []
        self._voice: str | None = None

    def say(self, text: str, style: Style, *, language: str = VOICE) -> tuple[Samples, list[Mark]]:
        """Samples between -1 and 1 at `sample_rate`, and the marks in them. Raises VoiceUnknown."""
        self._set_voice(f"{language}+{style.voice}" if style.voice else language)
        settings = {_RATE: style.rate_wpm, _PITCH: style.pitch, _RANGE: style.pitch_range, _WORD_GAP: style.word_gap}
        for parameter, value in settings.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        self._sound, self._marks = [], []
        written = text.encode() + b"\0"
        self._library.espeak_Synth(written, len(written), 0, _CHARACTER_POSITION, 0, _UTF8, None, None)
        samples = np.frombuffer(b"".join(self._sound), np.int16).astype(np.float64) / 32768
        return samples, self._marks

    def _set_voice(self, name: str) -> None:
        if name == self._voice:
            return
        self._voice = None
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise VoiceUnknown(f"espeak-ng has no voice {name!r}", voice=name)
        self._voice = name

    def _collect(self, wav: Any, count: int, events: Any) -> int:
        if wav and count > 0:
            self._sound.append(ctypes.string_at(wav, 2 * count))
        self._marks += list(_marks(events))
        return 0


def _marks(events: Any) -> Iterator[Mark]:
    index = 0
    while events[index].type != _LIST_END:
        if events[index].type == _PHONEME:
            name = bytes(events[index].id.string)
            yield Mark(events[index].sample, name in _PAUSE_MARKS or name.startswith(_PAUSE_START))
        index += 1
