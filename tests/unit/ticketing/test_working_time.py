"""Working time: adding and measuring agree, at year ends, on make-up days, on leap days and at midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.adapters.china_days import ChinaDays, known_through
from ticketing.domain.errors import NoWorkingTime
from ticketing.domain.working_time import DayKind, Hours, Measure, Span, WallTime, WorkingTime

CITY = ZoneInfo("Asia/Shanghai")
NOTHING = timedelta()


def hours(*spans: tuple[float, float]) -> Hours:
    return tuple(Span(timedelta(hours=start), timedelta(hours=end)) for start, end in spans)


def working(
    day: Hours, weekend: Hours = (), make_up: Hours | None = None, holidays: set[date] | None = None,
    workdays: set[date] | None = None,
) -> WorkingTime:  # fmt: skip
    week = (day, day, day, day, day, weekend, weekend)
    make_up = day if make_up is None else make_up
    return WorkingTime(CITY, week, make_up, ChinaDays(), frozenset(holidays or ()), frozenset(workdays or ()))


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CITY).astimezone(UTC)


OFFICE = working(hours((8.5, 12), (14, 17.5)))
NIGHTS = working(hours((0, 6), (22, 24)))
NEVER_CLOSED = working(hours((0, 24)), weekend=hours((0, 24)))
measures = st.sampled_from([OFFICE, NIGHTS, NEVER_CLOSED, WallTime()])
instants = st.datetimes(datetime(2023, 11, 1), datetime(2028, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.timedeltas(NOTHING, timedelta(hours=80))
stretches = st.timedeltas(NOTHING, timedelta(days=40))


@given(measures, instants, amounts)
def test_what_was_added_is_what_is_between(measure: Measure, start: datetime, amount: timedelta) -> None:
    assert measure.between(start, measure.add(start, amount)) == amount


@given(measures, instants, stretches)
def test_adding_what_is_between_ends_no_later_and_nothing_counts_after_it(
    measure: Measure, start: datetime, stretch: timedelta
) -> None:
    end = start + stretch
    reached = measure.add(start, measure.between(start, end))
    assert start <= reached <= end
    assert measure.between(reached, end) == NOTHING


@given(measures, instants, amounts, amounts)
def test_more_time_ends_later(measure: Measure, start: datetime, less: timedelta, more: timedelta) -> None:
    assert measure.add(start, less) <= measure.add(start, less + more)


@given(measures, instants, stretches, stretches)
def test_two_stretches_count_as_one(measure: Measure, start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    assert measure.between(start, middle) + measure.between(middle, end) == measure.between(start, end)


@given(measures, instants, stretches)
def test_no_more_counts_than_has_passed_and_nothing_backwards(
    measure: Measure, start: datetime, stretch: timedelta
) -> None:
    assert NOTHING <= measure.between(start, start + stretch) <= stretch
    assert measure.between(start + stretch, start) == NOTHING


@pytest.mark.parametrize(
    ("start", "worked", "due"),
    [
        (at(2026, 3, 2, 9), 2, at(2026, 3, 2, 11)),
        (at(2026, 3, 2, 11), 2, at(2026, 3, 2, 15)),  # over noon
        (at(2026, 3, 2, 11), 1, at(2026, 3, 2, 12)),  # at the very end of the morning, not after noon
        (at(2026, 3, 6, 17), 1, at(2026, 3, 9, 9)),  # over a weekend
        (at(2026, 3, 7, 3), 1, at(2026, 3, 9, 9, 30)),  # from within it
        (at(2025, 12, 31, 17), 1, at(2026, 1, 4, 9)),  # 4 January 2026 is a Sunday, worked for 2 January
        (at(2026, 9, 30, 17), 1, at(2026, 10, 8, 9)),  # the National Day week
        (at(2026, 9, 19, 10), 1, at(2026, 9, 20, 9, 30)),  # a Sunday in September, worked for October
        (at(2024, 2, 28, 17), 7, at(2024, 2, 29, 17)),  # a leap day is a day
        (at(2026, 12, 31, 17), 1, at(2027, 1, 4, 9)),  # beyond the notices: the statutory day and the weekend
    ],
)
def test_two_hours_of_an_office(start: datetime, worked: float, due: datetime) -> None:
    assert OFFICE.add(start, timedelta(hours=worked)) == due


def test_hours_that_go_over_midnight_are_one_stretch() -> None:
    assert NIGHTS.add(at(2026, 3, 3, 23), timedelta(hours=3)) == at(2026, 3, 4, 2)
    assert NIGHTS.between(at(2026, 3, 3, 21), at(2026, 3, 4, 7)) == timedelta(hours=8)


def test_local_days_go_before_those_of_the_country() -> None:
    day_off, worked = date(2026, 3, 3), date(2026, 10, 3)
    office = working(hours((9, 17)), make_up=hours((10, 12)), holidays={day_off}, workdays={worked})
    assert office.between(at(2026, 3, 3), at(2026, 3, 4)) == NOTHING
    assert office.between(at(2026, 10, 3), at(2026, 10, 4)) == timedelta(hours=2)


def test_a_calendar_without_work_is_told_of() -> None:
    with pytest.raises(NoWorkingTime):
        working(()).add(at(2026, 3, 2), timedelta(hours=1))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 17), DayKind.HOLIDAY),
        (date(2026, 2, 14), DayKind.MAKE_UP),
        (date(2026, 2, 28), DayKind.MAKE_UP),
        (date(2026, 3, 1), DayKind.ORDINARY),
        (date(2006, 12, 31), DayKind.MAKE_UP),  # for a holiday of the next year
        (date(2027, 2, 6), DayKind.HOLIDAY),  # Spring Festival of a year without a notice, by the lunar calendar
    ],
)
def test_the_country_s_days(day: date, kind: DayKind) -> None:
    assert ChinaDays().kind(day) is kind


def test_the_data_reach_at_least_the_year_they_were_chosen_in() -> None:
    assert known_through() >= 2026
