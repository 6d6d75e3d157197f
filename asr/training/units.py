"""Acoustic units: 21 initials, 38 finals in five tones, silence and "some other speech"; 213 in all.

A syllable without a written initial is one unit, its final.
"""

import functools

SILENCE = "SIL"
OTHER_SPEECH = "SPN"
INITIALS = tuple("b p m f d t n l g k h zh ch sh r z c s j q x".split())
FINALS = tuple(
    "a ai an ang ao e ei en eng er i ia ian iang iao ie ii1 ii2 in ing iong iou o ong ou"
    " u ua uai uan uang uei uen ueng uo v van ve vn".split()
)
"""`v` is ü; `ii1` is the vowel of zi ci si, `ii2` that of zhi chi shi ri."""
TONES = (1, 2, 3, 4, 5)

UNITS = (SILENCE, OTHER_SPEECH, *INITIALS, *(f"{final}_{tone}" for final in FINALS for tone in TONES))
CLASS_OF = {unit: index for index, unit in enumerate(UNITS)}
"""The network's output for each unit."""

_WITHOUT_INITIAL = dict(
    pair.split(":")
    for pair in (
        "yi:i ya:ia yan:ian yang:iang yao:iao ye:ie yin:in ying:ing yo:o yong:iong you:iou yu:v yuan:van yue:ve yun:vn"
        " yai:ai wu:u wa:ua wai:uai wan:uan wang:uang wei:uei wen:uen weng:ueng wo:uo"
    ).split()
)
_SHORT_SPELLINGS = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
_ROUNDED_AFTER = ("j", "q", "x")
_APICAL = {"z": "ii1", "c": "ii1", "s": "ii1", "zh": "ii2", "ch": "ii2", "sh": "ii2", "r": "ii2"}


class NotASyllable(ValueError):
    """This is no numbered pinyin syllable."""


@functools.cache
def split_syllable(syllable: str) -> tuple[str, str]:
    """`zhuang4` → (`zh`, `uang_4`); the initial is empty when there is none. Raises NotASyllable."""
    body, tone = syllable[:-1], syllable[-1:]
    initial, final = ("", _WITHOUT_INITIAL[body]) if body in _WITHOUT_INITIAL else _divided(body)
    unit = f"{final}_{tone}"
    if unit not in CLASS_OF:
        raise NotASyllable(syllable)
    return initial, unit


def _divided(body: str) -> tuple[str, str]:
    initial = max((initial for initial in INITIALS if body.startswith(initial)), key=len, default="")
    final = body[len(initial) :]
    if initial in _ROUNDED_AFTER and final.startswith("u"):
        final = f"v{final[1:]}"
    final = _SHORT_SPELLINGS.get(final, final)
    return initial, _APICAL.get(initial, final) if final == "i" else final


def units_of(syllable: str) -> tuple[str, ...]:
    initial, final = split_syllable(syllable)
    return (initial, final) if initial else (final,)
