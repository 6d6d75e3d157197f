"""Telephone numbers: normalised for the books, masked for the logs."""

import phonenumbers

_REGION = "CN"
_COUNTRY_CODE = 86


def normalise(raw: str) -> str:
    """E.164 (`+8613912345678`) where the number is a possible one, else the dialled string as it came.

    Short codes, extensions and withheld numbers are kept unchanged: a hotline must not refuse them.
    """
    text = raw.strip()
    try:
        parsed = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_valid_number(parsed):
        return text
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def dialled(number: str) -> str:
    """As a Chinese trunk expects it: `13912345678`, `05332180000`, `0085221800000`; other strings unchanged."""
    try:
        parsed = phonenumbers.parse(number, _REGION)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed):
        return number
    if parsed.country_code != _COUNTRY_CODE:
        return f"00{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(char for char in national if char.isdigit())


def masked(number: str) -> str:
    """First digits and the last four stay readable: `+86139****5678`; short ones keep only the last two."""
    if len(number) < 8:
        return "*" * max(len(number) - 2, 0) + number[-2:]
    return number[:-8] + "****" + number[-4:]
