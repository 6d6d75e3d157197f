"""What is measured of a model: errors per condition, answers with a closed grammar, false alarms, times, speed."""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from asr.training.espeak_library import EspeakLibrary, Style
from asr.training.evaluation_set import CLEAN, CONDITIONS, condition, phrase_recordings, recordings
from asr.training.hearing import Ear, HeardWord
from asr.training.mfcc import SAMPLE_RATE
from asr.training.rates import Heard, Rate, character_error_rate, share
from asr.training.sentences import Use, sentence
from asr.training.sounds import at_level, noise, tones
from asr.training.spoken_numbers import DIGITS, YAO
from asr.training.telephone import FULL_SCALE, Line, sent
from asr.training.utterances import LabelsLost, Segment, Speaker
from asr.training.voices import TEST_VOICES

ANSWERS = {
    "satisfied": ("非常满意", "满意", "基本满意", "一般", "不满意", "非常不满意"),
    "solved": ("已经解决", "解决了", "没有解决", "没解决"),
    "yes_no": ("是", "不是", "对", "不对", "好", "不行"),
    "menu": ("人工", "转人工", "留言", "回电", "查进度"),
    "digits": (YAO, *DIGITS[:1], *DIGITS[2:]),
}
"""Closed grammars as the telephone scripts use them."""
_TIMING_SEED, _FALSE_SEED, _QUIET_SEED = 81, 82, 83


@dataclass(frozen=True, slots=True)
class Result:
    """One measured line of the card."""

    name: str
    title: str
    rate: Rate
    count: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def error_rates(ear: Ear, vocabulary: Sequence[str], count: int, names: Sequence[str] = ()) -> Iterator[Result]:
    """Character error rate per condition (all of them, or those named)."""
    for wanted in [condition(name) for name in names] or CONDITIONS:
        pairs = [Heard(said.text, ear.text(said.sound)) for said in recordings(wanted, count, vocabulary)]
        yield Result(wanted.name, wanted.title, character_error_rate(pairs), count)


def answers(ear: Ear, vocabulary: Sequence[str], count: int) -> Iterator[Result]:
    """How many answers are heard exactly, each with its own grammar."""
    for name, phrases in ANSWERS.items():
        grammar = grammar_of(phrases, vocabulary)
        for where, line in (("clean", CLEAN), ("mixed", None)):
            said = phrase_recordings(phrases, line, count, seed=len(name))
            hits = sum(each.text == ear.text(each.sound, grammar) for each in said)
            yield Result(f"answer_{name}_{where}", f"{'/'.join(phrases)}, {where}", share(hits, count), count)


def grammar_of(phrases: Sequence[str], vocabulary: Sequence[str]) -> list[str]:
    """The phrases with their words apart, as Vosk wants them."""
    return [" ".join(segmented(phrase, vocabulary)) for phrase in phrases]


def segmented(phrase: str, vocabulary: Sequence[str]) -> list[str]:
    """In as few words of the vocabulary as greed finds: Vosk drops what it does not know from a phrase."""
    known, words = set(vocabulary), list[str]()
    while phrase:
        length = next(size for size in range(len(phrase), 0, -1) if phrase[:size] in known or size == 1)
        words.append(phrase[:length])
        phrase = phrase[length:]
    return words


def false_answers(ear: Ear, vocabulary: Sequence[str], count: int) -> Result:
    """How often a sentence without any answer in it is taken for one."""
    phrases = ANSWERS["satisfied"]
    grammar = grammar_of(phrases, vocabulary)
    said = [each for each in recordings(condition("mixed"), count) if not any(word in each.text for word in phrases)]
    hits = sum(bool(ear.text(each.sound, grammar)) for each in said)
    return Result("false_answers", "other sentences taken for an answer", share(hits, len(said)), len(said))


def false_words(ear: Ear, count: int) -> Result:
    """How often words are heard in silence, noise and tones."""
    rng = np.random.default_rng(_QUIET_SEED)
    length = 8 * SAMPLE_RATE
    makers: tuple[Callable[[], np.ndarray], ...] = (
        lambda: np.zeros(length),
        lambda: at_level(noise(rng, length), float(rng.uniform(-70, -18))) * FULL_SCALE,
        lambda: at_level(tones(rng, length), float(rng.uniform(-40, -12))) * FULL_SCALE,
    )
    sounds = (makers[index % len(makers)]().round().clip(-FULL_SCALE, FULL_SCALE - 1) for index in range(count))
    hits = sum(bool(ear.text(sound.astype(np.int16))) for sound in sounds)
    return Result("false_words", "silence, noise and tones in which words are heard", share(hits, count), count)


def word_times(ear: Ear, count: int) -> dict[str, float]:
    """Errors in ms of starts and ends of words that were heard right, and the confidence of right and wrong words."""
    rng, noise_rng = random.Random(_TIMING_SEED), np.random.default_rng(_TIMING_SEED)
    speaker = Speaker(EspeakLibrary())
    starts, ends = list[float](), list[float]()
    confidence: dict[bool, list[float]] = {True: [], False: []}
    for index in range(count):
        style = Style(TEST_VOICES[index % len(TEST_VOICES)], rng.randint(130, 220))
        try:
            said = speaker.say(sentence(rng, Use.TEST), style, rng)
        except LabelsLost:
            continue
        said = speaker.on_the_line(said, speed=1.0, lead_s=0.3, tail_s=0.4)
        heard = ear.words(sent(said.sound, Line(), noise_rng))
        right = dict(_same_words(said.words, heard))
        for place, word in enumerate(heard):
            confidence[place in right].append(word.confidence)
            if place in right:
                starts.append(abs(word.start_s - right[place].start_s))
                ends.append(abs(word.end_s - right[place].end_s))
    return {
        "words": len(starts),
        **{f"start_ms_{name}": value for name, value in _spread_ms(starts).items()},
        **{f"end_ms_{name}": value for name, value in _spread_ms(ends).items()},
        "confidence_right": round(statistics.fmean(confidence[True]), 3),
        "confidence_wrong": round(statistics.fmean(confidence[False] or [0.0]), 3),
    }


def _same_words(said: Sequence[Segment], heard: Sequence[HeardWord]) -> Iterator[tuple[int, Segment]]:
    matcher = SequenceMatcher(None, [word.name for word in said], [word.word for word in heard], autojunk=False)
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            yield block.b + offset, said[block.a + offset]


def _spread_ms(errors: Sequence[float]) -> Mapping[str, float]:
    in_ms = [1000 * error for error in errors]
    return {"mean": round(statistics.fmean(in_ms), 1), "p95": round(float(np.percentile(in_ms, 95)), 1)}


def machine_facts(model: Path) -> dict[str, float]:
    """Size in MB, load time, memory, and time per time of sound on one core."""
    before = _resident_mb()
    ear = Ear(model)
    loaded = _resident_mb()
    started, used = time.perf_counter(), 0
    for said in recordings(condition("clean"), 40):
        ear.text(said.sound)
        used += 1
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
    return {
        "size_mb": round(size / 1e6, 2),
        "load_s": round(ear.load_s, 3),
        "resident_mb_loaded": round(loaded - before, 1),
        "resident_mb_after": round(_resident_mb() - before, 1),
        "realtime_factor": round(ear.busy_s / ear.heard_s, 4),
        "recordings": used,
        "took_s": round(time.perf_counter() - started, 1),
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
