"""How many characters the shipped model gets wrong, per kind of line and speech, on a fixed set of recordings.

Test voices and test sentences, which no model of ours was made or tuned with (`asr.training.evaluation_set`).
"""

import functools
from collections.abc import Callable, Iterator, Sequence

from app.bench.figures import Aim, Figure
from app.bench.recognition_sides import MODEL
from asr.adapters.rule_files import RuleFiles
from asr.adapters.vosk import VoskRecogniser
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from asr.domain.transcript import Recognised, Word
from asr.training.evaluation import segmented
from asr.training.evaluation_set import Said, condition, recordings
from asr.training.hearing import known_words
from asr.training.mfcc import SAMPLE_RATE
from asr.training.rates import Heard, character_error_rate
from config.settings import ROOT

Corrected = Callable[[Recognised], str]
"""From what was heard to what is read."""

CONDITIONS = ("clean", "amr_12", "amr_5", "noise_10", "noise_5", "loss_5", "fast", "mixed", "free", "random")
_RECORDINGS = 30
_AIM_PERCENT = 10.0
_PROMISED = ("clean", "amr_12", "mixed")
_WORD_MS = 300


def raw_text(recognised: Recognised) -> str:
    return recognised.text


def reading_text(recognised: Recognised) -> str:
    """What an agent reads, by the shipped rules."""
    return read(recognised.words, _shipped_rules()).text


@functools.cache
def _shipped_rules() -> Rules:
    return RuleFiles(ROOT / "config" / "speech").rules()


def measure_error_rates(correct: Corrected = raw_text, *, count: int = _RECORDINGS) -> list[Figure]:
    """Raw error rates; with another `correct` than the raw text also those of what is read after it."""
    recogniser, vocabulary = VoskRecogniser(MODEL), known_words(MODEL)
    figures: list[Figure] = []
    for name in CONDITIONS:
        said = list(recordings(condition(name), count, vocabulary))
        heard = [recogniser.recognise(each.sound.tobytes(), SAMPLE_RATE) for each in said]
        figures.append(_figure(name, "raw", [Heard(one.text, two.text) for one, two in zip(said, heard, strict=True)]))
        if correct is not raw_text:
            figures.append(_figure(name, "corrected", list(_read(said, heard, correct, vocabulary))))
    return figures


def _read(
    said: Sequence[Said], heard: Sequence[Recognised], correct: Corrected, vocabulary: Sequence[str]
) -> Iterator[Heard]:
    """Against what would be read if every word had been heard; punctuation does not count."""
    for one, two in zip(said, heard, strict=True):
        ideal = perfectly_heard(segmented(one.text, vocabulary))
        yield Heard(_characters(correct(ideal)), _characters(correct(two)))


def perfectly_heard(words: Sequence[str]) -> Recognised:
    """A recogniser's result without a mistake, at a steady pace."""
    starts = range(0, len(words) * _WORD_MS, _WORD_MS)
    return Recognised(
        tuple(Word(word, start, start + _WORD_MS, 1.0) for word, start in zip(words, starts, strict=True)), "as said"
    )


def _characters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _figure(name: str, layer: str, pairs: Sequence[Heard]) -> Figure:
    rate = character_error_rate(pairs)
    aim = Aim.below(_AIM_PERCENT) if name in _PROMISED and layer == "raw" else None
    interval = (round(100 * rate.low, 2), round(100 * rate.high, 2))
    title = f"{condition(name).title}: {layer}"
    return Figure(f"cer_{name}_{layer}", title, round(100 * rate.value, 2), "%", aim, interval)
