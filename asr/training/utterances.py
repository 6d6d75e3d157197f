"""A spoken sentence with the exact times of its words and units: what the network learns from."""

import random
from dataclasses import dataclass, replace

import numpy as np
import soxr

from asr.training.espeak_library import EspeakLibrary, Mark, Samples, Style
from asr.training.mfcc import SAMPLE_RATE
from asr.training.pronunciation import SpokenWord, spoken, written_pinyin
from asr.training.units import OTHER_SPEECH, SILENCE, split_syllable

_SHORT_GAP_S = 0.06
"""A shorter gap before a syllable is the closure of its initial, not silence."""
_FOREIGN = ("en", "de", "fr", "es", "it", "pt", "pl", "id", "nl", "sv", "ro", "tr")
_FOREIGN_VOICES = ("", "m1", "m4", "m7", "f1", "f3", "klatt4", "f5")
_FOREIGN_SYLLABLES = tuple(
    "".join((c, v)) for c in "bdfgklmnprstv" for v in ("a", "e", "i", "o", "u", "an", "er", "il")
)


@dataclass(frozen=True, slots=True)
class Segment:
    """From `start_s` to `end_s` this word or unit is heard."""

    name: str
    start_s: float
    end_s: float

    def moved(self, lead_s: float, stretch: float) -> "Segment":
        return Segment(self.name, self.start_s * stretch + lead_s, self.end_s * stretch + lead_s)


@dataclass(frozen=True, slots=True)
class Utterance:
    """Sound at SAMPLE_RATE with its units (without a gap from its start to its end) and its words."""

    sound: Samples
    units: tuple[Segment, ...]
    words: tuple[Segment, ...] = ()

    @property
    def text(self) -> str:
        return "".join(word.name for word in self.words)


class LabelsLost(Exception):
    """The voice made other phonemes of the text than its syllables have: the times would be wrong."""


class Speaker:
    """Says sentences with a library; knows how many phonemes each syllable has."""

    def __init__(self, library: EspeakLibrary) -> None:
        self._library = library
        self._phoneme_counts: dict[str, int] = {}

    def say(self, words: list[str], style: Style, rng: random.Random) -> Utterance:
        """Raises LabelsLost."""
        said = spoken(words, rng)
        counts = [[self._phonemes_of(syllable, style) for syllable in word.syllables] for word in said]
        sound, marks = self._library.say(written_pinyin(said, rng), style)
        units, times = _Timing(marks, len(sound), self._library.sample_rate).of(said, counts)
        return Utterance(sound, units, times)

    def say_foreign(self, style: Style, rng: random.Random) -> Utterance:
        """Speech that is not Mandarin: all of it is OTHER_SPEECH."""
        words = ("".join(rng.choices(_FOREIGN_SYLLABLES, k=rng.randint(1, 4))) for _ in range(rng.randint(1, 10)))
        foreign = replace(style, voice=rng.choice(_FOREIGN_VOICES))
        sound, marks = self._library.say(" ".join(words), foreign, language=rng.choice(_FOREIGN))
        rate = self._library.sample_rate
        ends = [mark.sample for mark in marks[1:]] + [len(sound)]
        units = [
            Segment(SILENCE if mark.is_pause else OTHER_SPEECH, mark.sample / rate, end / rate)
            for mark, end in zip(marks, ends, strict=True)
            if end > mark.sample
        ]
        return Utterance(sound, tuple(units))

    def _phonemes_of(self, syllable: str, style: Style) -> int:
        """Asked once, in its first tone; the voice's language must be set before, or English answers."""
        plain = syllable[:-1]
        if plain not in self._phoneme_counts:
            _, marks = self._library.say(f"{plain}1", style)
            self._phoneme_counts[plain] = sum(not mark.is_pause for mark in marks)
        return self._phoneme_counts[plain]

    def on_the_line(self, utterance: Utterance, *, speed: float, lead_s: float, tail_s: float) -> Utterance:
        """At SAMPLE_RATE, played at `speed` (which moves the formants too), between two silences."""
        rate = self._library.sample_rate
        sound = soxr.resample(utterance.sound, rate * speed, SAMPLE_RATE, quality="HQ")
        silence = [np.zeros(round(seconds * SAMPLE_RATE)) for seconds in (lead_s, tail_s)]
        whole = np.concatenate([silence[0], sound, silence[1]])
        units = [unit.moved(lead_s, 1 / speed) for unit in utterance.units]
        words = tuple(word.moved(lead_s, 1 / speed) for word in utterance.words)
        return Utterance(whole, tuple(_padded(units, len(whole) / SAMPLE_RATE)), words)


def _padded(units: list[Segment], length_s: float) -> list[Segment]:
    """With silence from zero and up to the end."""
    inner = [unit for index, unit in enumerate(units) if unit.name != SILENCE or 0 < index < len(units) - 1]
    return [Segment(SILENCE, 0.0, inner[0].start_s), *inner, Segment(SILENCE, inner[-1].end_s, length_s)]


class _Timing:
    """From phoneme marks to the times of units and words."""

    def __init__(self, marks: list[Mark], length: int, sample_rate: int) -> None:
        self._starts = [mark.sample for mark in marks]
        self._ends = [*self._starts[1:], length]
        self._speech = [index for index, mark in enumerate(marks) if not mark.is_pause]
        self._rate = sample_rate
        self._units: list[Segment] = []
        self._reached = 0  # the sample up to which units are known

    def of(self, said: list[SpokenWord], counts: list[list[int]]) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        if len(self._speech) != sum(map(sum, counts)) or not said or any(0 in count for count in counts):
            raise LabelsLost
        phonemes = iter(self._speech)
        words = []
        for word, sizes in zip(said, counts, strict=True):
            starts = [self._syllable(syllable, [next(phonemes) for _ in range(size)])
                      for syllable, size in zip(word.syllables, sizes, strict=True)]  # fmt: skip
            words.append(self._segment(word.word, starts[0], self._reached))
        return tuple(self._units), tuple(words)

    def _syllable(self, syllable: str, phonemes: list[int]) -> int:
        """Adds its units; returns its first sample."""
        start, end = self._starts[phonemes[0]], self._ends[phonemes[-1]]
        if start - self._reached > self._rate * _SHORT_GAP_S or not self._units:
            if start > self._reached:
                self._units.append(self._segment(SILENCE, self._reached, start))
        else:
            start = self._reached
        initial, final = split_syllable(syllable)
        middle = start
        if initial:
            middle = self._starts[phonemes[1]] if len(phonemes) > 1 else (start + end) // 2
            self._units.append(self._segment(initial, start, middle))
        self._units.append(self._segment(final, middle, end))
        self._reached = end
        return start

    def _segment(self, name: str, start: int, end: int) -> Segment:
        return Segment(name, start / self._rate, end / self._rate)
