"""What models are measured with: test sentences and test voices on lines of every kind. The same for everybody.

Nothing of it was ever trained on or tuned with. The sound comes from the espeak-ng program.
"""

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from asr.training.codecs import Law
from asr.training.mfcc import SAMPLE_RATE
from asr.training.pronunciation import spoken, written_pinyin
from asr.training.sentences import Use, sentence
from asr.training.sounds import Samples
from asr.training.telephone import Line, Telephone, random_line, sent
from asr.training.voices import ODD_VOICES, TEST_VOICES, TRAINING_VOICES, TUNING_VOICES
from kit.speech_synthesis import speak
from kit.spoken_chinese import pinyin_of

_FREE_SPEECH = Path(__file__).parent / "free_speech.txt"
_USUAL_WPM = (130, 220)
_KNOWN_VOICES = tuple(voice for voice in TRAINING_VOICES if " " not in voice)  # the program cuts names at blanks
CLEAN = Line()
_LEAD_S, _TAIL_S = 0.3, 0.4
_BABBLE = "他们说这个事情已经反映了很多次，还是没有人来处理，大家都很着急。"


@dataclass(frozen=True, slots=True)
class Said:
    """One recording: `text` without punctuation, 16-bit samples at 8 kHz."""

    text: str
    sound: Telephone


@dataclass(frozen=True, slots=True)
class Condition:
    """How the sentences of a measurement are spoken and carried. `line` None: as random as in training."""

    name: str
    title: str
    line: Line | None = CLEAN
    voices: tuple[str, ...] = TEST_VOICES
    rates_wpm: tuple[int, int] = _USUAL_WPM
    text: str = "sentence"


def _on(name: str, title: str, **changes: object) -> Condition:
    return Condition(name, title, replace(CLEAN, **changes))  # type: ignore[arg-type]


CONDITIONS = (
    Condition("clean", "clean line, G.711 A-law"),
    _on("mu_law", "clean line, G.711 mu-law", law=Law.MU),
    _on("amr_12", "mobile call, AMR 12.2 kbit/s", amr_rate="12.2k"),
    _on("amr_5", "mobile call, AMR 4.75 kbit/s", amr_rate="4.75k"),
    _on("noise_20", "noise at 20 dB", noise_db=20.0),
    _on("noise_10", "noise at 10 dB", noise_db=10.0),
    _on("noise_5", "noise at 5 dB", noise_db=5.0),
    _on("babble_15", "another talker at 15 dB", babble_db=15.0),
    _on("room", "hands-free in a room", room_s=0.3),
    _on("loss_1", "1 % of packets lost", lost_share=0.01),
    _on("loss_5", "5 % of packets lost", lost_share=0.05),
    _on("loss_10", "10 % of packets lost", lost_share=0.10),
    _on("quiet", "very quiet (-45 dB)", level_db=-45.0),
    _on("clipped", "overdriven until it clips", level_db=3.0),
    Condition("mixed", "everything at random, as in training", None),
    Condition("mixed_known", "the same, voices of the training", None, _KNOWN_VOICES),
    Condition("slow", "slow (85 to 100 words a minute)", rates_wpm=(85, 100)),
    Condition("fast", "fast (280 to 310 words a minute)", rates_wpm=(280, 310)),
    Condition("odd_voices", "whispering, croaking, robots", voices=ODD_VOICES),
    Condition("free", "free speech outside the templates", text="free"),
    Condition("random", "random words", text="random"),
)
TUNING = Condition("tuning", "tuning sentences and voices", None, TUNING_VOICES, text="tuning")


def condition(name: str) -> Condition:
    return next(each for each in CONDITIONS if each.name == name)


def recordings(wanted: Condition, count: int, vocabulary: Sequence[str] = ()) -> Iterator[Said]:
    """The same ones on every call; `vocabulary` is what random words are drawn from."""
    seed = zlib.crc32(wanted.name.encode())
    rng, noise_rng = random.Random(seed), np.random.default_rng(seed)
    babble = speak(pinyin_of(_BABBLE), voice="f1")
    for index in range(count):
        text, pinyin = _TEXTS[wanted.text](rng, index, vocabulary)
        voice = wanted.voices[index % len(wanted.voices)]
        sound = speak(pinyin, voice=voice, rate_wpm=rng.randint(*wanted.rates_wpm), pitch=rng.randint(35, 65))
        line = wanted.line or random_line(noise_rng)
        yield Said(text, sent(between_silences(sound), line, noise_rng, babble))


def phrase_recordings(
    phrases: Sequence[str], line: Line | None, count: int, seed: int, voices: Sequence[str] = TEST_VOICES
) -> Iterator[Said]:
    """Each phrase in turn, said alone."""
    rng, noise_rng = random.Random(seed), np.random.default_rng(seed)
    for index in range(count):
        text = phrases[index % len(phrases)]
        voice = rng.choice(voices)
        sound = speak(pinyin_of(text), voice=voice, rate_wpm=rng.randint(*_USUAL_WPM), pitch=rng.randint(35, 65))
        yield Said(text, sent(between_silences(sound), line or random_line(noise_rng), noise_rng))


def between_silences(sound: Samples) -> Samples:
    return np.pad(sound, (round(_LEAD_S * SAMPLE_RATE), round(_TAIL_S * SAMPLE_RATE)))


def _test_sentence(rng: random.Random, _: int, __: Sequence[str]) -> tuple[str, str]:
    return _written(sentence(rng, Use.TEST), rng)


def _tuning_sentence(rng: random.Random, _: int, __: Sequence[str]) -> tuple[str, str]:
    return _written(sentence(rng, Use.TUNING), rng)


def _random_words(rng: random.Random, _: int, vocabulary: Sequence[str]) -> tuple[str, str]:
    return _written([rng.choice(vocabulary) for _ in range(rng.randint(2, 6))], rng)


def _written(words: list[str], rng: random.Random) -> tuple[str, str]:
    return "".join(words), written_pinyin(spoken(words, rng), rng)


def _free_speech(_: random.Random, index: int, __: Sequence[str]) -> tuple[str, str]:
    lines = [line for line in _FREE_SPEECH.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    text = lines[index % len(lines)]
    return text, pinyin_of(text)


_TEXTS: dict[str, Callable[[random.Random, int, Sequence[str]], tuple[str, str]]] = {
    "sentence": _test_sentence,
    "tuning": _tuning_sentence,
    "random": _random_words,
    "free": _free_speech,
}
