"""How near two Mandarin syllables sound to each other, for ears on a telephone line and for speakers with an accent."""

import re
from collections.abc import Sequence
from functools import lru_cache

_SYLLABLE = re.compile("(zh|ch|sh|[bpmfdtnlgkhjqxrzcs]?)([a-zü]+)([1-5]?)")
_SPELLINGS = {"yi": "i", "yin": "in", "ying": "ing", "wu": "u", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
              "you": "iou", "wei": "uei", "wen": "uen", "yong": "iong", "weng": "ueng"}  # fmt: skip
_TONE_COST = 0.08
_OTHER_INITIAL = 0.5
_OTHER_FINAL = 0.55
SYLLABLE_LOST = 0.5
"""Cost of a syllable in the middle that one of the two does not have."""

_ACCENTS = {0.1: "z-zh c-ch s-sh", 0.12: "n-l r-l f-h"}
_NEAR = "b-p d-t g-k j-q z-c zh-ch j-zh q-ch x-sh j-z q-c x-s r-n m-n h-k x-q s-c sh-ch"
_ACCENT_FINALS = "an-ang en-eng in-ing ian-iang uan-uang uen-ong en-in o-uo ueng-ong"
_NEAR_FINALS = (
    "ong-eng an-en ang-eng ai-ei i-v e-uo ou-uo ao-ou ian-in u-ou ia-ie ie-ve ui-ei ian-van in-vn a-ia e-ei iou-iao"
)


def _pairs(text: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair.split("-")) for pair in text.split())


_INITIAL_COSTS = {pair: cost for cost, pairs in _ACCENTS.items() for pair in _pairs(pairs)}
_INITIAL_COSTS |= dict.fromkeys(_pairs(_NEAR), 0.3)
_FINAL_COSTS = dict.fromkeys(_pairs(_ACCENT_FINALS), 0.1) | dict.fromkeys(_pairs(_NEAR_FINALS), 0.3)
_MERGED_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l", "f": "h"}
_MERGED_FINALS = {"ang": "an", "eng": "en", "ing": "in", "iang": "ian", "uang": "uan", "uo": "o", "ueng": "ong"}


@lru_cache(maxsize=4096)
def parts(syllable: str) -> tuple[str, str, str]:
    """Initial, final and tone of numbered pinyin, spelled as they sound; what is no pinyin is an initial of its own."""
    found = _SYLLABLE.fullmatch(syllable)
    if not found:
        return syllable, "", ""
    initial, final, tone = found.groups()
    final = final.replace("ü", "v")
    if not initial:
        final = _SPELLINGS.get(final) or re.sub("^y(?=[aeo])", "i", re.sub("^w(?=[aeo])", "u", final))
    elif initial in "jqx" and final.startswith("u"):
        final = "v" + final[1:]
    final = {"iu": "iou", "ui": "uei", "un": "uen"}.get(final, final)
    return initial, final, tone


@lru_cache(maxsize=4096)
def rough(syllable: str) -> str:
    """What is left of a syllable when tone and accent are taken away: nearly the same sounds have the same rough."""
    initial, final, _tone = parts(syllable)
    return _MERGED_INITIALS.get(initial, initial) + _MERGED_FINALS.get(final, final)


@lru_cache(maxsize=16384)
def syllable_distance(one: str, other: str) -> float:
    """0 for the same syllable, 1 for another one; only another tone is 0.08."""
    if one == other:
        return 0.0
    (initial_1, final_1, tone_1), (initial_2, final_2, tone_2) = parts(one), parts(other)
    cost = _TONE_COST if tone_1 != tone_2 else 0.0
    if initial_1 != initial_2:
        cost += _INITIAL_COSTS.get(frozenset((initial_1, initial_2)), _OTHER_INITIAL)
    if final_1 != final_2:
        cost += _FINAL_COSTS.get(frozenset((final_1, final_2)), _OTHER_FINAL)
    return min(cost, 1.0)


def distance(one: Sequence[str], other: Sequence[str]) -> float:
    """Sum over the syllables; one of the two may lack a syllable."""
    if len(one) == len(other):
        return sum(map(syllable_distance, one, other))
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return float(len(long))
    inside = range(1, len(long) - 1)  # what stands before or behind a name was never a part of it
    without = ([*long[:lost], *long[lost + 1 :]] for lost in inside)
    return SYLLABLE_LOST + min((sum(map(syllable_distance, short, rest)) for rest in without), default=1.0)
