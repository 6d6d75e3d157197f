"""Number plates (GA 36): the sign of a province, a letter, and five or six letters and digits."""

import re
from collections.abc import Iterator

from asr.domain.digit_runs import DigitRun, digit_runs
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
_SENTENCE_ENDS = re.compile(r"[。！？!?\n]")
_FEWEST_ANNOUNCED, _FEWEST, _MOST = 3, 5, 7
_FURTHEST, _SIGN_WITHIN = 14, 4


def number_plates(text: str, rules: RedactionRules) -> Iterator[tuple[RedactionKind, int, int]]:
    """Plates of the right shape; and digits that follow an announcement, or are spoken of as a vehicle.

    The recogniser may know no letters: those of a plate are then other words, or one digit more.
    """
    for found in _PLATE.finditer(text):
        yield RedactionKind.PLATE, found.start(), found.end()
    announcing = [word for word, kind in rules.announced.items() if kind is RedactionKind.PLATE]
    for run in digit_runs(text, rules.pauses):
        lead = _SENTENCE_ENDS.split(text[max(0, run.start - _FURTHEST) : run.start])[-1]
        if _FEWEST_ANNOUNCED <= len(run.digits) <= _MOST and any(word in lead for word in announcing):
            yield RedactionKind.PLATE, _sign_before(text, run, lead), _end_of_signs(text, run.end)
        elif _FEWEST <= len(run.digits) <= _MOST and _is_of_a_vehicle(run.digits, lead, text[run.end :], rules):
            yield RedactionKind.PLATE, run.start, _end_of_signs(text, run.end)


def _sign_before(text: str, run: DigitRun, lead: str) -> int:
    """Where the sign of the province stands, when it is near enough to belong to the digits."""
    signs = list(re.finditer(rf"[{_PROVINCES}]", lead[-_SIGN_WITHIN:]))
    return run.start - len(lead[-_SIGN_WITHIN:]) + signs[0].start() if signs else run.start


def _is_of_a_vehicle(digits: str, lead: str, after: str, rules: RedactionRules) -> bool:
    if after.lstrip().startswith(rules.units) or any(service.fullmatch(digits) for service in rules.services):
        return False
    return any(word in lead for word in rules.vehicles) or after.startswith(rules.vehicle_deeds)


def _end_of_signs(text: str, end: int) -> int:
    """Letters that belong to the digits before them."""
    more = re.compile(rf"[A-Za-z{_LAST}]*").match(text, end)
    return more.end() if more else end
