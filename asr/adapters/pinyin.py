"""Numbered pinyin of Chinese text, quickly enough for the names of a whole city."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal

_MINOR_READING = 0.1
"""Share of its phrases in which a character is read differently, from which on its neighbours are asked."""


def pinyin_of(text: str) -> Sequence[str]:
    """One syllable for each character (`ren2`); a character without pinyin stands for itself."""
    if _two_faced().isdisjoint(text):
        return [_syllable(character) for character in text]
    return _in_context(text)


@lru_cache(maxsize=4096)
def _in_context(text: str) -> Sequence[str]:
    return lazy_pinyin(
        text, style=Style.TONE3, neutral_tone_with_five=True, errors=lambda other: list(other), v_to_u=False
    )


@cache
def _syllable(character: str) -> str:
    return _in_context(character)[0]


@cache
def _two_faced() -> frozenset[str]:
    """Characters such as 长 and 重, whose sound (apart from the tone) is known only from the word they stand in."""
    readings: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in PHRASES_DICT.items():
        for character, (marked, *_) in zip(phrase, syllables, strict=False):
            readings[character][marked] += 1
    return frozenset(character for character, counts in readings.items() if _is_two_faced(counts))


def _is_two_faced(counts: Counter[str]) -> bool:
    plain: Counter[str] = Counter()
    for marked, count in counts.items():
        plain[to_normal(marked)] += count
    return len(plain) > 1 and plain.most_common(2)[1][1] >= _MINOR_READING * plain.total()
