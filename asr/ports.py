"""What speech to text needs from outside: somebody who hears words, and somebody who reads audio files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from asr.domain.audio.audio_quality import AudioQuality
from asr.domain.audio.cutting import Stretch
from asr.domain.live_text import LiveText
from asr.domain.rules import Rules
from asr.domain.transcript import Recognised
from asr.domain.words import Speaker


class Recogniser(Protocol):
    """Turns speech into words. One instance serves one process; it keeps nothing between two recordings."""

    @property
    def sample_rate(self) -> int:
        """Hz that `recognise` wants; anything else would give rubbish without a word of warning."""
        ...

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        """Hear 16-bit little-endian mono PCM.

        Word times count from its first sample. Raises RecognitionFailed (worth another try).
        """
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the line: 16-bit little-endian mono PCM."""

    speaker: Speaker
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Sound:
    """A decoded recording at `sample_rate` Hz; all sides are equally long and share one timeline.

    Two sides: a call, the agent's first. One: the citizen's.
    """

    sample_rate: int
    sides: tuple[Side, ...]
    quality: AudioQuality | None
    """Of the citizen's side."""


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What a file says of itself; only decoding shows whether it is true."""

    format: str
    """As the decoder calls it: `wav`, `mp3`, `ogg`, `amr`, `flac`, `aac`, `mov` (also m4a and 3gp), `matroska`."""
    duration_ms: int | None
    """An estimate; None when the file does not say."""
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class WrittenWav:
    """A WAV file that every browser plays: 16 bit, mono or stereo, 16 kHz at the most."""

    duration_ms: int
    speech_ms: int
    """Time above the noise floor, on the citizen's side; 0 means silence."""
    sample_rate: int
    channels: int


class LiveDecoder(Protocol):
    """One stream of speech that is understood while it is spoken. Used by one thread at a time."""

    @property
    def unknown_phrases(self) -> Sequence[str]:
        """Phrases that this model cannot hear, because it lacks a character of them."""
        ...

    def accept(self, pcm: bytes) -> Sequence[LiveText]:
        """Hear on: 16-bit little-endian mono PCM at the stream's rate, cut anywhere between samples.

        Returns what is new, mostly nothing. Raises RecognitionFailed.
        """
        ...

    def finish(self) -> Sequence[LiveText]:
        """No more sound: what was still open, as final. Raises RecognitionFailed."""
        ...


class StreamingRecogniser(Protocol):
    """Turns live speech into words. One instance serves all streams of a process, from any thread."""

    @property
    def name(self) -> str:
        """Which model it is."""
        ...

    def open(self, sample_rate: int, phrases: Sequence[str] | None) -> LiveDecoder:
        """A fresh stream. `phrases`: only these are listened for, all else is `UNKNOWN`; None: free speech.

        Raises RecognitionFailed.
        """
        ...


class AudioConverter(Protocol):
    """Reads recorded and uploaded files. The content decides what a file is, never its name.

    Every method raises AudioUnreadable or a narrower error (no use trying again), or DecoderMissing.
    """

    def decode(self, path: Path, sample_rate: int) -> Sound: ...

    def probe(self, path: Path) -> AudioFacts:
        """Look at the beginning of a file, quickly: for whoever must say yes or no to an upload."""
        ...

    def to_wav(self, source: Path, target: Path) -> WrittenWav:
        """Write the same sound as a plain WAV file, its level unchanged; nothing is left at `target` on failure."""
        ...


class Cutter(Protocol):
    """Knows where long sound can be cut."""

    def cut(self, pcm: bytes, sample_rate: int) -> Sequence[Stretch]:
        """Stretches of 16-bit mono PCM, in order, that cover it without gap; one when it may stay whole."""
        ...


class RuleBook(Protocol):
    """The rules as they are in force now; a wrong edit leaves the old ones in force."""

    def rules(self) -> Rules: ...
