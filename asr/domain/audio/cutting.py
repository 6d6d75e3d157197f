"""Where a long recording is cut: at pauses, so that each part can be recognised by itself.

Works on the level of each frame of sound, in dB; knows nothing of samples. A cut in a pause loses no word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FRAME_MS = 20


@dataclass(frozen=True, slots=True)
class CutRules:
    from_s: float
    """Recordings up to this length stay whole."""
    part_min_s: float
    part_max_s: float
    """At least one and a half times the minimum."""
    pause_ms: int = 200
    """Shorter gaps are inside words (a stop consonant)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """[start_ms, end_ms) of a recording."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


_QUIET = 0.3
"""Share of the way from the background up to the speech, in dB, below which a frame is a pause."""
_AUDIBLE_DB = 6.0
"""A pause is at least so much quieter than the speech: in talk without a break even the quietest tenth is speech."""
_SMOOTHED_FRAMES = 5
_LOUDER_PER_FRAME = 1e-6
"""Of two equally quiet places the earlier one is taken."""


def cut(levels: Sequence[float], rules: CutRules) -> list[Stretch]:
    """Stretches that follow each other without gap or overlap and cover everything.

    Every part is between `part_min_s` and `part_max_s` long; the last may have only half the minimum.
    A cut lies in the middle of the longest pause that is in reach; where there is none, in the quietest place.
    """
    total = len(levels)
    shortest, longest = _frames(rules.part_min_s), _frames(rules.part_max_s)
    edges = [0]
    if total > _frames(rules.from_s):
        limit = _pause_limit(levels)
        while total - edges[-1] > longest:
            first, end = edges[-1] + shortest, min(edges[-1] + longest, total - shortest // 2)
            edges.append(_best_cut(levels, first, end, limit, max(1, rules.pause_ms // FRAME_MS)))
    edges.append(total)
    return [Stretch(start * FRAME_MS, end * FRAME_MS) for start, end in pairwise(edges)]


def _frames(seconds: float) -> int:
    return round(seconds * 1000 / FRAME_MS)


def _pause_limit(levels: Sequence[float]) -> float:
    ordered = sorted(levels)
    background, speech = ordered[len(ordered) // 10], ordered[len(ordered) * 9 // 10]
    return min(background + _QUIET * (speech - background), speech - _AUDIBLE_DB)


def _best_cut(levels: Sequence[float], first: int, end: int, limit: float, least: int) -> int:
    """A frame in [first, end]: the middle of the longest run below the limit, or the quietest place."""
    best_length, middle, run = 0, first, 0
    for frame in range(first, end + 1):
        run = run + 1 if levels[frame] <= limit else 0
        if run > best_length:
            best_length, middle = run, frame - run // 2
    return middle if best_length >= least else _quietest(levels, first, end)


def _quietest(levels: Sequence[float], first: int, end: int) -> int:
    def loudness(frame: int) -> float:
        around = levels[max(0, frame - _SMOOTHED_FRAMES // 2) : frame + _SMOOTHED_FRAMES // 2 + 1]
        return sum(around) / len(around) + _LOUDER_PER_FRAME * (frame - first)

    return min(range(first, end + 1), key=loudness)
