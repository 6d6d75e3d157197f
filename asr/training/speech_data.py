"""One chunk of training data: sentences said by many voices over many lines, as features with frame classes."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from asr.training.alignment import Classes, TooShort, frame_classes, output_frames
from asr.training.codecs import amr
from asr.training.espeak_library import EspeakLibrary, Style, installed_data
from asr.training.lexicon import domain_words
from asr.training.mfcc import SAMPLE_RATE, mfcc
from asr.training.sentences import Use, phrase_book, sentence
from asr.training.sounds import Samples, noise, tones
from asr.training.spoken_numbers import DIGITS, LETTERS, YAO
from asr.training.telephone import Line, random_line, received, spoken_into
from asr.training.units import SILENCE
from asr.training.utterances import LabelsLost, Segment, Speaker, Utterance
from asr.training.voices import TRAINING_VOICES, TUNING_VOICES, invent_voices

NO_SPEECH_SHARE, FOREIGN_SHARE = 0.06, 0.03
_SENTENCES_SHARE, _RANDOM_WORDS_SHARE = 0.58, 0.30
"""The rest are words said alone: answers, menu words, digits, any word."""
_INVENTED_SHARE = 0.75
_ANSWER_SLOTS = ("satisfied", "solved", "yes_no", "menu")
_BABBLE_KEPT = 30


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a worker is to make: `count` utterances, the same ones for the same seed."""

    use: Use
    seed: int
    count: int


@dataclass(slots=True)
class Examples:
    """Features of all utterances in a row (half precision is enough), their classes, and the lengths of both."""

    features: list[npt.NDArray[np.float16]] = field(default_factory=list)
    classes: list[Classes] = field(default_factory=list)
    rejected: int = 0

    def add(self, sound: npt.NDArray[np.int16], units: Sequence[Segment]) -> None:
        features = mfcc(sound)
        try:
            self.classes.append(frame_classes(tuple(units), output_frames(len(features))))
        except TooShort:
            self.rejected += 1
        else:
            self.features.append(features.astype(np.float16))

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(
            unfinished,
            features=np.concatenate(self.features),
            classes=np.concatenate(self.classes),
            feature_counts=np.array([len(each) for each in self.features]),
            class_counts=np.array([len(each) for each in self.classes]),
            rejected=np.array(self.rejected),
        )
        unfinished.replace(path)


def make_chunk(chunk: Chunk, vocabulary: Sequence[str], path: Path) -> None:
    """Synthesize, send over the line, label and store. Runs in a process that may be lost."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "espeak-ng-data"
        data.mkdir()
        voices = invent_voices(installed_data(), data, chunk.seed) if chunk.use is Use.TRAINING else []
        maker = _ChunkMaker(chunk, EspeakLibrary(Path(folder) if voices else None), voices, vocabulary)
        examples = Examples()
        for sound, units in maker.recordings(chunk.count):
            examples.add(sound, units)
        examples.rejected += maker.rejected
        examples.save(path)


class _ChunkMaker:
    def __init__(self, chunk: Chunk, library: EspeakLibrary, invented: list[str], vocabulary: Sequence[str]) -> None:
        self._use, self._invented = chunk.use, invented
        self._rng, self._noise_rng = random.Random(chunk.seed), np.random.default_rng(chunk.seed)
        self._speaker = Speaker(library)
        self._words = _WordChoice(vocabulary)
        self._talkers: list[Samples] = []
        self.rejected = 0

    def recordings(self, count: int) -> Iterator[tuple[npt.NDArray[np.int16], tuple[Segment, ...]]]:
        """AMR is applied to all recordings of one rate together: a coder's start costs more than its work."""
        waiting: dict[str, list[tuple[Samples, Line, tuple[Segment, ...]]]] = {}
        for _ in range(count):
            utterance, line = self._utterance(), random_line(self._noise_rng)
            heard = spoken_into(utterance.sound, line, self._noise_rng, self._babble(utterance))
            if line.amr_rate:
                waiting.setdefault(line.amr_rate, []).append((heard, line, utterance.units))
            else:
                yield received(heard, line, self._noise_rng), utterance.units
        for rate, entries in waiting.items():
            coded = amr([heard for heard, _, _ in entries], rate)
            for heard, (_, line, units) in zip(coded, entries, strict=True):
                yield received(heard, line, self._noise_rng), units

    def _utterance(self) -> Utterance:
        kind = self._rng.random() if self._use is Use.TRAINING else 1.0
        if kind < NO_SPEECH_SHARE:
            return self._no_speech()
        while True:
            try:
                if kind < NO_SPEECH_SHARE + FOREIGN_SHARE:
                    said = self._speaker.say_foreign(self._style(), self._rng)
                else:
                    said = self._speaker.say(self._sentence(), self._style(), self._rng)
                return self._speaker.on_the_line(said, **self._surroundings())
            except LabelsLost:
                self.rejected += 1

    def _sentence(self) -> list[str]:
        kind = self._rng.random()
        if self._use is not Use.TRAINING or kind < _SENTENCES_SHARE:
            return sentence(self._rng, self._use)
        if kind < _SENTENCES_SHARE + _RANDOM_WORDS_SHARE:
            return self._words.several(self._rng)
        return self._words.alone(self._rng)

    def _style(self) -> Style:
        rng = self._rng
        if self._use is not Use.TRAINING:
            return Style(rng.choice(TUNING_VOICES), rng.randint(130, 230), rng.randint(35, 65))
        voices = self._invented if rng.random() < _INVENTED_SHARE else TRAINING_VOICES
        rate = rng.randint(120, 260) if rng.random() < 0.75 else rng.randint(90, 300)
        gap = rng.randint(1, 4) if rng.random() < 0.3 else 0
        return Style(rng.choice(voices), rate, rng.randint(20, 80), rng.randint(25, 85), gap)

    def _surroundings(self) -> dict[str, float]:
        rng = self._rng
        longest = 2.5 if rng.random() < 0.1 else 0.8
        speed = rng.uniform(0.88, 1.14) if self._use is Use.TRAINING else 1.0
        return {"speed": speed, "lead_s": rng.uniform(0.05, longest), "tail_s": rng.uniform(0.15, longest)}

    def _no_speech(self) -> Utterance:
        """Digital or coded silence, noise, tones."""
        count = int(SAMPLE_RATE * self._rng.uniform(1, 5))
        kind = self._rng.random()
        if kind < 0.12:
            sound = np.full(count, self._rng.choice([0.0, 0.0, 8.0, -8.0, 1.0]))
        elif kind < 0.65:
            sound = noise(self._noise_rng, count) + 0.3 * noise(self._noise_rng, count)
        else:
            hiss = self._rng.choice([0.0, 0.02, 0.1])
            sound = tones(self._noise_rng, count) + hiss * noise(self._noise_rng, count)
        return Utterance(sound, (Segment(SILENCE, 0.0, count / SAMPLE_RATE),))

    def _babble(self, utterance: Utterance) -> Samples | None:
        chosen = self._rng.choice(self._talkers) if self._talkers else None
        if any(unit.name != SILENCE for unit in utterance.units):
            self._talkers = [*self._talkers, utterance.sound][-_BABBLE_KEPT:]
        return chosen


class _WordChoice:
    """Words without a sentence: the language of the templates must not be all that the network ever hears."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        known = set(vocabulary)
        self._characters = [word for word in vocabulary if len(word) == 1 and word not in LETTERS]
        self._general = [word for word in vocabulary if len(word) > 1]
        self._domain = sorted(known & {word for word in domain_words() if len(word) > 1})
        self._answers = [text for slot in _ANSWER_SLOTS for text in phrase_book().written(slot) if text in known]
        self._answers += (
            [*DIGITS, YAO, "十", "百", "千"] * 3 + [*LETTERS] + ["是", "不", "对", "好", "有", "没", "行"] * 3
        )

    def several(self, rng: random.Random) -> list[str]:
        sources = rng.choices((self._general, self._domain, self._characters), (45, 25, 30), k=rng.randint(1, 8))
        return [rng.choice(source) for source in sources]

    def alone(self, rng: random.Random) -> list[str]:
        if rng.random() < 0.7:
            return [rng.choice(self._answers)]
        return [rng.choice(self._general)]
