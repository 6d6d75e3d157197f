"""Small amounts as they are spoken or written: 3, 十几, 两百多."""

import re
from collections.abc import Iterable

_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "几": 3, "半": 0.5}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
AMOUNT = r"(?:[0-9０-９]+|[零〇一二两三四五六七八九十百千万几好]+)"
"""Pattern of what `amount` reads."""


def amount(spoken: str) -> float | None:
    """About how many; 几 counts as three. None when it is no number."""
    spoken = spoken.strip("好")
    if re.fullmatch(r"[0-9０-９]+", spoken):
        return float(int(spoken))
    total, last = 0.0, 0.0
    for character in spoken:
        if character in _DIGITS:
            last = _DIGITS[character]
        elif character == "万":
            total, last = (total + last or 1) * 10_000, 0
        elif character in _SCALES:
            total, last = total + (last or 1) * _SCALES[character], 0
        else:
            return None
    return (total + last) or None


def any_of(words: Iterable[str]) -> str:
    """Pattern of any of these words, the longest first; of nothing when there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"
