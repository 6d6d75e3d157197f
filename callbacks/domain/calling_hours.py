"""When citizens may be called: the allowed hours of the day, on the city's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SEARCH_DAYS = 8
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CallingHours:
    """Windows of wall time. A window's first instant is inside, its last (`end`) is outside:
    09:00–12:00 allows 09:00:00 and 11:59:59.999999, not 12:00:00. No window crosses midnight."""

    zone: ZoneInfo
    windows: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        if not self.windows or any(start >= end for start, end in self.windows):
            raise ValueError("each window is (start, end) with start before end, and there is at least one")

    def allow(self, at: datetime) -> bool:
        """May a call start at this instant?"""
        wall = at.astimezone(self.zone).time()
        return any(start <= wall < end for start, end in self.windows)

    def next_allowed(self, at: datetime) -> datetime:
        """The earliest allowed instant that is not before `at` (UTC).

        Days are counted on the city's calendar and each opening is turned into an instant by itself, so
        a day of 23 or 25 hours shifts nothing. An opening that the clock skips that day is left out
        rather than guessed; one that comes twice counts twice.
        """
        if self.allow(at):
            return at.astimezone(UTC)
        today = at.astimezone(self.zone).date()
        openings = (
            datetime.combine(today + _ONE_DAY * days, start, tzinfo=self.zone).replace(fold=fold).astimezone(UTC)
            for days in range(_SEARCH_DAYS)
            for start, _ in self.windows
            for fold in (0, 1)
        )
        return min(opening for opening in openings if opening > at and self.allow(opening))
