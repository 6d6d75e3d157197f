"""Numbers as they are spoken: figures or digit words, in groups, with pauses and hesitations between."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from asr.domain.privacy.interruptions import SIDES

_WORDS = {"零": "0", "〇": "0", "洞": "0", "一": "1", "幺": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5"}
_WORDS |= {"六": "6", "七": "7", "拐": "7", "八": "8", "九": "9"}
_DIGIT = rf"[\d{''.join(_WORDS)}]"
_TIMES = rf"[2-9二两三四五六七八九]个(?={_DIGIT})(?!{_DIGIT}个)"  # 四个零 within a number
_CHECK_LETTER = "[xXｘＸ×]|叉|[艾埃爱]克斯"
_PUNCTUATION = r"[\s,，、。.．·;；:：!！?？~…—–\-－()（）]"
_HAS_A_MEANING = "十百千万亿年月日号点分秒时元块毛角个多几栋楼幢座单元室层户路街巷度米斤岁人家天周只条辆次倍第"
_MISHEARD = rf"(?<={_DIGIT}{_DIGIT})[^\W\da-zA-Z{_HAS_A_MEANING}](?={_DIGIT}{_DIGIT})"
_MOST_BETWEEN = 10


@dataclass(frozen=True, slots=True)
class DigitRun:
    """`digits` (the last may be X) at the characters [start, end); `groups`: where in `digits` a group begins."""

    digits: str
    start: int
    end: int
    groups: frozenset[int]

    def followed_by(self, other: "DigitRun") -> "DigitRun":
        """One run of both, whatever stands between them."""
        groups = self.groups | {len(self.digits) + group for group in other.groups}
        return DigitRun(self.digits + other.digits, self.start, other.end, groups)


def digit_runs(text: str, pauses: tuple[str, ...] = ()) -> Iterator[DigitRun]:
    """Every number said digit by digit; one that is said twice in a row is one run."""
    run_pattern, group_pattern = _patterns(pauses)
    for found in run_pattern.finditer(text):
        digits, groups = "", set()
        for group in group_pattern.finditer(found[0]):
            if group["digits"] is None:
                continue
            groups.add(len(digits))
            digits += _digits(group["digits"])
        if found["check"]:
            digits += "X"
        yield DigitRun(digits, found.start(), found.end(), frozenset(groups | {len(digits)}))


@functools.lru_cache(maxsize=8)
def _patterns(pauses: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = "|".join(map(re.escape, sorted((*pauses, *SIDES), key=len, reverse=True)))
    between = rf"(?:{words}|{_PUNCTUATION})"
    one = rf"(?:{_TIMES})?{_DIGIT}"
    run = rf"{one}(?:(?:{_MISHEARD}|{between}{{0,{_MOST_BETWEEN}}}+){one})*"
    check = rf"(?:{between}{{0,{_MOST_BETWEEN}}}+(?P<check>{_CHECK_LETTER}))?"
    group = rf"(?:{words})|(?P<digits>{one}(?:{one})*)"
    return re.compile(run + check), re.compile(group)


def _digits(group: str) -> str:
    digits = ""
    at = 0
    while at < len(group):
        if group[at + 1 : at + 2] == "个":
            digits += int(_digit(group[at])) * _digit(group[at + 2])
            at += 3
        else:
            digits += _digit(group[at])
            at += 1
    return digits


def _digit(character: str) -> str:
    return _WORDS.get(character) or str(int(character))
