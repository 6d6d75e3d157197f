"""Number plates (GA 36): the sign of a province, a letter, and five or six letters and digits."""

import re
from collections.abc import Iterator

from asr.domain.digit_runs import digit_runs
from asr.domain.redaction import RedactionKind
from asr.domain.redaction_rules import RedactionRules

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_LAST = "挂学警港澳领"
_LETTERS = "A-Za-zＡ-Ｚａ-ｚ"
_DIGITS = "0-9０-９零〇洞一幺二两三四五六七拐八九"
_PLATE = re.compile(
    rf"[{_PROVINCES}]\s*[{_LETTERS}][\s·•.,，、-]{{0,3}}"
    rf"(?:[{_LETTERS}{_DIGITS}][\s,，、-]{{0,2}}){{4,5}}[{_LETTERS}{_DIGITS}{_LAST}]"
)
_FEWEST_DIGITS, _MOST_DIGITS, _FURTHEST = 3, 7, 10


def number_plates(text: str, rules: RedactionRules) -> Iterator[tuple[RedactionKind, int, int]]:
    """Plates of the right shape, and whatever digits follow an announced one (the recogniser knows no letters)."""
    for found in _PLATE.finditer(text):
        yield RedactionKind.PLATE, found.start(), found.end()
    words = [word for word, kind in rules.announced.items() if kind is RedactionKind.PLATE]
    if not words:
        return
    runs = [run for run in digit_runs(text, rules.pauses) if _FEWEST_DIGITS <= len(run.digits) <= _MOST_DIGITS]
    for announced in re.finditer("|".join(map(re.escape, sorted(words, key=len, reverse=True))), text):
        for run in runs:
            lead = text[announced.end() : run.start]
            if run.start >= announced.end() and len(lead) <= _FURTHEST and not set(lead) & set("。！？\n"):
                sign = re.search(rf"[{_PROVINCES}]", lead)
                start = announced.end() + sign.start() if sign else run.start
                yield RedactionKind.PLATE, start, _end_of_signs(text, run.end)
                break


def _end_of_signs(text: str, end: int) -> int:
    """Letters that belong to the digits before them."""
    more = re.compile(rf"[A-Za-z{_LAST}]*").match(text, end)
    return more.end() if more else end
