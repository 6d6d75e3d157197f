"""How a sentence is said: the readings of its words, with the tones that neighbours change, and its pauses."""

import random
from dataclasses import dataclass

from asr.training.lexicon import Reading, main_reading

_PAUSE_SHARE = 0.06
_COMMA, _BLANK = " , ", " "
_RUN_TOGETHER = 0.2
"""How often two short words are written together, which makes the voice say them faster."""
_AFTER_ONE = frozenset("个次下张遍天年块点半共直起些会栋辆条只头间套项件份")
"""一 before these is not a digit of a number: yí before a fourth tone, yì before the others."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    word: str
    syllables: Reading
    has_pause_after: bool


def spoken(words: list[str], rng: random.Random) -> list[SpokenWord]:
    pauses = [rng.random() < _PAUSE_SHARE for _ in words]
    readings = [list(main_reading(word)) for word in words]
    for index, word in enumerate(words[:-1]):
        if pauses[index]:
            continue
        here, after, following = readings[index], main_reading(words[index + 1])[0], words[index + 1]
        if word == "一" and following[0] in _AFTER_ONE:
            here[-1] = "yi2" if after.endswith("4") else "yi4"
        elif here[-1] == "bu4" and after.endswith("4"):
            here[-1] = "bu2"
        elif here[-1].endswith("3") and after.endswith(("3",)):
            here[-1] = f"{here[-1][:-1]}2"
    return [
        SpokenWord(word, tuple(reading), pause) for word, reading, pause in zip(words, readings, pauses, strict=True)
    ]


def written_pinyin(spoken_words: list[SpokenWord], rng: random.Random) -> str:
    """What the synthesiser gets."""
    text = ""
    for index, said in enumerate(spoken_words):
        text += ("" if rng.random() < 0.8 else _BLANK).join(said.syllables)
        if index + 1 < len(spoken_words):
            is_short = len(said.syllables) <= 2
            text += _COMMA if said.has_pause_after else "" if is_short and rng.random() < _RUN_TOGETHER else _BLANK
    return text
