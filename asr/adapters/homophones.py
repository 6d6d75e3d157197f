"""Signs for sounds: what a recogniser confuses has the same one."""

import re
from functools import cache

from asr.adapters.pinyin import pinyin_of

_MERGED = (("^zh", "z"), ("^ch", "c"), ("^sh", "s"), ("ing$", "in"), ("eng$", "en"))
"""Differences that telephone speech does not carry well; tones are left out altogether."""

_signs: dict[str, str] = {}


def sounds_of(letters: str) -> str:
    """One sign for each letter, character by character: 着火 and 着货 have the same ones."""
    return "".join(map(_sign, letters))


@cache
def _sign(letter: str) -> str:
    """The first letter that was met with this sound stands for all of them."""
    sound = pinyin_of(letter)[0].rstrip("12345")
    for pattern, merged in _MERGED:
        sound = re.sub(pattern, merged, sound)
    return _signs.setdefault(sound, letter)
