"""Sentences of a service line, drawn at random from the phrase book in `texts/`, and which of them are kept apart.

A sentence is a list of words. Training, tuning and test sentences are told apart by a hash of their text, so the
split stays the same whatever is drawn.
"""

import functools
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from pathlib import Path

from asr.training.spoken_numbers import MAKERS

TEXTS = Path(__file__).parent / "texts"
_BOOKS = ("callers.txt", "problems.txt", "service.txt")
_HEADING = re.compile(r"\[(\w+)\]")
_WEIGHTED = re.compile(r"(\d+)\* (.+)")
_SLOT = re.compile(r"\{(@?)(\w+)(?::(\d+))?\}")
_SHARES = 20
"""Of all texts one in twenty is for tuning, two in twenty are for tests."""


class Use(Enum):
    """What a text may be used for."""

    TRAINING = "training"
    TUNING = "tuning"
    TEST = "test"


def use_of(text: str) -> Use:
    share = zlib.crc32(text.encode()) % _SHARES
    return Use.TUNING if share == 0 else Use.TEST if share <= 2 else Use.TRAINING


@dataclass(frozen=True, slots=True)
class Slot:
    """`{name:percent}` in a phrase; `is_made` when a maker of spoken_numbers.py fills it."""

    name: str
    percent: int
    is_made: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to fill a slot; `bounds` are their weights added up."""

    phrases: tuple[tuple[str | Slot, ...], ...]
    bounds: tuple[int, ...]

    def draw(self, rng: random.Random) -> tuple[str | Slot, ...]:
        return rng.choices(self.phrases, cum_weights=self.bounds)[0]


class PhraseBook:
    """The slots of some text files."""

    def __init__(self, *texts: str) -> None:
        self._slots = {name: _ways(lines) for text in texts for name, lines in _sections(text)}
        for ways in self._slots.values():
            for phrase in ways.phrases:
                self._check(phrase)

    def _check(self, phrase: tuple[str | Slot, ...]) -> None:
        for part in phrase:
            known = MAKERS if isinstance(part, Slot) and part.is_made else self._slots
            if isinstance(part, Slot) and part.name not in known:
                raise ValueError(f"the phrase book has no slot {part.name!r}")

    def draw(self, rng: random.Random, slot: str = "sentence") -> list[str]:
        """One way to fill the slot, as words."""
        words: list[str] = []
        for part in self._slots[slot].draw(rng):
            if isinstance(part, str):
                words.append(part)
            elif rng.random() * 100 < part.percent:
                words += MAKERS[part.name](rng) if part.is_made else self.draw(rng, part.name)
        return words

    def words(self) -> set[str]:
        """Every word that is written in the book."""
        phrases = (phrase for ways in self._slots.values() for phrase in ways.phrases)
        return {part for phrase in phrases for part in phrase if isinstance(part, str)}

    def written(self, slot: str) -> list[str]:
        """The slot's phrases without slots of their own, as texts."""
        return ["".join(map(str, way)) for way in self._slots[slot].phrases if all(isinstance(p, str) for p in way)]


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", list[str]()
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line.strip())
        if heading:
            if name:
                yield name, lines
            name, lines = heading[1], []
        elif line.strip() and not line.startswith("#"):
            lines.append(line)
    yield name, lines


def _ways(lines: list[str]) -> Ways:
    phrases, weights = [], []
    for written in (part.strip() for line in lines for part in line.split("|")):
        weighted = _WEIGHTED.fullmatch(written)
        phrases.append(tuple(_parts(weighted[2] if weighted else written)))
        weights.append(int(weighted[1]) if weighted else 1)
    return Ways(tuple(phrases), tuple(accumulate(weights)))


def _parts(phrase: str) -> Iterator[str | Slot]:
    for word in phrase.split():
        slots = list(_SLOT.finditer(word))
        if not slots:
            yield word
        for slot in slots:
            yield Slot(slot[2], int(slot[3] or 100), is_made=bool(slot[1]))


@functools.cache
def phrase_book() -> PhraseBook:
    return PhraseBook(*((TEXTS / name).read_text(encoding="utf-8") for name in _BOOKS))


def sentence(rng: random.Random, use: Use) -> list[str]:
    """A random sentence that may be used for this."""
    while True:
        words = phrase_book().draw(rng)
        if words and use_of("".join(words)) is use:
            return words
