"""What a run of digits may be: an identity card (GB 11643-1999), a bank card, a telephone number, or nothing."""

import re
from datetime import date

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d\d)[2-8]\d{6,7}")


def looks_like_id_card(digits: str) -> bool:
    """Of the right shape. One misheard digit breaks the check character (ISO 7064), so nothing is made of it here.

    17 digits are a card whose last character was not understood; 15 digits one of the kind issued until 1999.
    """
    if len(digits) in (17, 18):
        return digits[0] in "12345689" and _is_birthday(digits[6:14])
    return len(digits) == 15 and digits[0] in "12345689" and _is_birthday(f"19{digits[6:12]}")


def is_whole_number(digits: str) -> bool:
    """A telephone number, or an identity card of today, to which nothing is missing."""
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits):
        return True
    return len(digits) == 18 and looks_like_id_card(digits)


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    if not digits.isdecimal():
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_calendar_day(digits: str) -> bool:
    """yyyymmdd of our time: an eight-digit date, not a telephone number."""
    return len(digits) == 8 and _is_birthday(digits)


def _is_birthday(yyyymmdd: str) -> bool:
    if not yyyymmdd.isdecimal() or yyyymmdd[:2] not in ("19", "20"):
        return False
    try:
        date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return False
    return True
