"""Working time 工作时间: how much of a stretch of time counts for a clock, and when so much of it has passed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from ticketing.domain.errors import NoWorkingTime

_DAY = timedelta(days=1)
_MOST_IDLE_DAYS = 400
"""So many days in a row without a working minute are a mistake of the calendar, not a holiday."""


class DayKind(StrEnum):
    ORDINARY = "ordinary"  # its weekday says when it is worked
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"  # 调休: a day of the weekend that is worked for a holiday


class HolidayBook(Protocol):
    """The days that differ from their weekday, as the country has them."""

    def kind(self, day: date) -> DayKind: ...


class Measure(Protocol):
    """The time of a clock. For start <= end: `add(start, between(start, end)) <= end`, with nothing counted between."""

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant from `start` on at which `amount` has passed."""
        ...

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much counts from `start` to `end`; nothing where end is not after start."""
        ...


@dataclass(frozen=True, slots=True)
class WallTime:
    """Every minute counts."""

    def add(self, start: datetime, amount: timedelta) -> datetime:
        return start + amount

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta())


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a day's working hours, since its midnight: 0 <= start < end <= 24 h."""

    start: timedelta
    end: timedelta


Hours = tuple[Span, ...]
"""Of one day: in order, apart from each other; none: not worked."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Counts the working hours only. `week` begins with Monday."""

    zone: ZoneInfo
    week: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    make_up_day: Hours
    book: HolidayBook
    local_holidays: frozenset[date] = field(default=frozenset())
    local_workdays: frozenset[date] = field(default=frozenset())
    """Worked as a make-up day is, whatever the country does."""

    def hours_of(self, day: date) -> Hours:
        match self._kind(day):
            case DayKind.HOLIDAY:
                return ()
            case DayKind.MAKE_UP:
                return self.make_up_day
            case DayKind.ORDINARY:
                return self.week[day.weekday()]

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Raises NoWorkingTime where the calendar has no end of rest."""
        if amount <= timedelta():
            return start
        idle_days, day, left = 0, start.astimezone(self.zone).date(), amount
        while idle_days < _MOST_IDLE_DAYS:
            idle_days += 1
            for begins, ends in self._spans(day):
                begins = max(begins, start)
                if begins >= ends:
                    continue
                idle_days = 0
                if left <= ends - begins:
                    return begins + left
                left -= ends - begins
            day += _DAY
        raise NoWorkingTime(f"no working time in the {_MOST_IDLE_DAYS} days before {day}")

    def between(self, start: datetime, end: datetime) -> timedelta:
        counted, day = timedelta(), start.astimezone(self.zone).date()
        last_day = end.astimezone(self.zone).date()
        while day <= last_day:
            for begins, ends in self._spans(day):
                counted += max(min(ends, end) - max(begins, start), timedelta())
            day += _DAY
        return counted

    def _kind(self, day: date) -> DayKind:
        if day in self.local_holidays:
            return DayKind.HOLIDAY
        return DayKind.MAKE_UP if day in self.local_workdays else self.book.kind(day)

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for span in self.hours_of(day):
            yield self._instant(day, span.start), self._instant(day, span.end)

    def _instant(self, day: date, since_midnight: timedelta) -> datetime:
        """What the clock on the wall shows: on a day of 23 hours nine o'clock is nine o'clock."""
        return (datetime.combine(day, time()) + since_midnight).replace(tzinfo=self.zone).astimezone(UTC)
