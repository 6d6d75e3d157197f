"""Rates of errors and of successes with 95 % confidence intervals."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

_RESAMPLES = 1000
_Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """A share between 0 and 1 (an error rate may be more), and the interval that holds the true one."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f})"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said and what was heard of it."""

    said: str
    heard: str

    @property
    def errors(self) -> int:
        return Levenshtein.distance(self.said, self.heard)


def character_error_rate(pairs: Sequence[Heard]) -> Rate:
    """Edits per character said; the interval by drawing utterances again and again (bootstrap), the same each time."""
    counts = [(pair.errors, len(pair.said)) for pair in pairs]
    rng = random.Random(0)
    drawn = sorted(_ratio(rng.choices(counts, k=len(counts))) for _ in range(_RESAMPLES))
    edge = _RESAMPLES * 25 // 1000
    return Rate(_ratio(counts), drawn[edge], drawn[-edge - 1])


def _ratio(counts: Sequence[tuple[int, int]]) -> float:
    return sum(errors for errors, _ in counts) / max(1, sum(length for _, length in counts))


def share(hits: int, of: int) -> Rate:
    """With Wilson's interval, which holds for shares near 0 and 1 and few cases too."""
    if of == 0:
        raise ValueError("a share of nothing")
    value, square = hits / of, _Z_95**2
    middle = (value + square / (2 * of)) / (1 + square / of)
    half = _Z_95 / (1 + square / of) * math.sqrt(value * (1 - value) / of + square / (4 * of**2))
    return Rate(value, max(0.0, middle - half), min(1.0, middle + half))
