"""The number of a ticket as it is read to the caller: the city's day and a serial, `26112300017`."""

from datetime import datetime
from zoneinfo import ZoneInfo

_SERIAL_DIGITS = 5


def day_of(at: datetime, timezone: ZoneInfo) -> str:
    """YYMMDD of the instant in the city's time zone."""
    return at.astimezone(timezone).strftime("%y%m%d")


def format_number(day: str, serial: int) -> str:
    """Day and five digits; the 100,000th ticket of a day gets a sixth one rather than none."""
    return f"{day}{serial:0{_SERIAL_DIGITS}d}"
