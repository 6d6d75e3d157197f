"""Numbered pinyin of Chinese text, quickly enough for the names of a whole city."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal

_RUN = re.compile("[\u4e00-\u9fff]+|.", re.DOTALL)
_NAME_LENGTH = 12
_MINOR_READING = 0.1
"""Share of its phrases in which a character is read differently, from which on its neighbours are asked."""


def pinyin_of(text: str) -> Sequence[str]:
    """One syllable for each character (`ren2`); a character without pinyin stands for itself."""
    if _two_faced().isdisjoint(text):
        return [_syllable(character) for character in text]
    return _name(text) if len(text) <= _NAME_LENGTH else _in_context(text)


@lru_cache(maxsize=4096)
def _name(text: str) -> Sequence[str]:
    """Names are asked for again and again; longer texts are not kept."""
    return _in_context(text)


def _in_context(text: str) -> Sequence[str]:
    return [syllable for run in _RUN.findall(text) for syllable in _spoken(run)]


def _spoken(run: str) -> Sequence[str]:
    syllables = lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True)
    return syllables if len(syllables) == len(run) else tuple(run)  # a rare character that nobody can say


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
