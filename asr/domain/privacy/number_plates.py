"""Number plates (GA 36): the sign of a province, a letter, and five or six letters and digits."""

import re
from collections.abc import Iterator

from asr.domain.privacy.digit_runs import DigitRun, digit_runs
from asr.domain.privacy.interruptions import TURN
from asr.domain.privacy.redaction import RedactionKind
from asr.domain.privacy.redaction_rules import RedactionRules

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
_FURTHEST, _SIGN_WITHIN, _LONGEST_LABEL = 14, 4, 5
_ASKED = re.compile(rf"[？?。]?{TURN}(?=.{{0,4}}$)")


def number_plates(text: str, rules: RedactionRules) -> Iterator[tuple[RedactionKind, int, int]]:
    """Plates of the right shape; and digits that follow an announcement, or are spoken of as a vehicle.

    The recogniser may know no letters: those of a plate are then other words, or one digit more.
    """
    for found in _PLATE.finditer(text):
        yield RedactionKind.PLATE, found.start(), found.end()
    announcing = rules.words_for(RedactionKind.PLATE)
    for run in digit_runs(text, rules.pauses):
        lead = _lead(text, run.start, rules)
        if _FEWEST_ANNOUNCED <= len(run.digits) <= _MOST and any(word in lead for word in announcing):
            yield RedactionKind.PLATE, _sign_before(text, run), _end_of_signs(text, run.end)
        elif _FEWEST <= len(run.digits) <= _MOST and _is_of_a_vehicle(run.digits, lead, text[run.end :], rules):
            yield RedactionKind.PLATE, run.start, _end_of_signs(text, run.end)


def _lead(text: str, start: int, rules: RedactionRules) -> str:
    """What was said before these digits, in a question that they answer too; without words for a door (门牌号)."""
    before = _ASKED.sub("", text[max(0, start - _FURTHEST - _LONGEST_LABEL) : start])
    lead = _SENTENCE_ENDS.split(before[-_FURTHEST:])[-1]
    for word in rules.words_for(RedactionKind.ADDRESS):
        lead = lead.replace(word, "")
    return lead


def _sign_before(text: str, run: DigitRun) -> int:
    """Where the sign of the province stands, when it is near enough to belong to the digits."""
    near = _SENTENCE_ENDS.split(text[max(0, run.start - _SIGN_WITHIN) : run.start])[-1]
    sign = re.search(rf"[{_PROVINCES}]", near)
    return run.start - len(near) + sign.start() if sign else run.start


def _is_of_a_vehicle(digits: str, lead: str, after: str, rules: RedactionRules) -> bool:
    if after.lstrip().startswith(rules.counted) or any(service.fullmatch(digits) for service in rules.services):
        return False
    return any(word in lead for word in rules.vehicles) or after.startswith(rules.vehicle_deeds)


def _end_of_signs(text: str, end: int) -> int:
    """Letters that belong to the digits before them."""
    more = re.compile(rf"[A-Za-z{_LAST}]*").match(text, end)
    return more.end() if more else end
