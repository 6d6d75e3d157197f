"""What a spoken Chinese numeral is worth. Only well-formed ones: 三四十 or 百八十 is an estimate and has no value."""

import re

DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "幺": 1}
_COUNTED = DIGITS | {"两": 2, "": 0}
NUMERAL_CHARACTERS = "".join(DIGITS) + "两十百千万亿"
_BELOW_MYRIAD = re.compile(
    "(?:([一二三四五六七八九两])千)?零?(?:([一二三四五六七八九两])百)?零?"
    "(?:([一二三四五六七八九]?)(十))?零?([一二三四五六七八九两]?)"
)
_MYRIADS = {"亿": 10**8, "万": 10**4}


def digit_string(text: str) -> str | None:
    """Digit by digit, as telephone numbers are said: 幺三八 is 138."""
    if not text or any(character not in DIGITS for character in text):
        return None
    return "".join(str(DIGITS[character]) for character in text)


def cardinal(text: str) -> int | None:
    """The value of 三千五百, 十八, 一百零二, 两万三; of 一万二 (12 000) too. None when it is not said that way."""
    for myriad, worth in _MYRIADS.items():
        head, found, tail = text.partition(myriad)
        if found:
            return _with_myriads(head, tail, worth)
    return _below_myriad(text)


def _with_myriads(head: str, tail: str, worth: int) -> int | None:
    count = cardinal(head)
    if not count or not tail:
        return count and count * worth
    if len(tail) == 1:  # 一万二: the unit below is understood
        return count * worth + _COUNTED[tail] * worth // 10 if tail in "一二三四五六七八九" else None
    rest = cardinal(tail.removeprefix("零"))
    if not rest or rest >= worth or (not tail.startswith("零") and rest < worth // 10):
        return None
    return count * worth + rest


def _below_myriad(text: str) -> int | None:
    if text in ("零", "〇"):
        return 0
    found = _BELOW_MYRIAD.fullmatch(text)
    if not text or not found or text.count("零") > 1 or text[0] == "零" or text[-1] == "零":
        return None
    thousands, hundreds, tens, ten, ones = found.groups(default="")
    if ones == "两" and text != "两":
        return None
    ones_worth = 1
    if (thousands or hundreds) and not ten and "零" not in text:  # 三千五, 一百二: the unit below is understood
        ones_worth = 10 if hundreds else 100
    tens_count = _COUNTED[tens] or bool(ten)
    return 1000 * _COUNTED[thousands] + 100 * _COUNTED[hundreds] + 10 * tens_count + ones_worth * _COUNTED[ones]


def in_figures(value: int) -> str:
    """12 000 is 12000, but 300 000 is 30万: round numbers are read faster with their unit."""
    for unit, worth in _MYRIADS.items():
        if value >= worth and value % 10**4 == 0:
            rest = value % worth
            return f"{value // worth}{unit}" + (in_figures(rest) if rest else "")
    return str(value)
