"""Allowed hours: exact at their borders, right on every calendar."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.domain.calling_hours import CallingHours

BEIJING = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
HOURS = CallingHours(BEIJING, ((time(9), time(12)), (time(14), time(20))))
ONE_US = timedelta(microseconds=1)


def beijing(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize("border", [9, 14])
def test_a_windows_first_instant_is_inside(border: int) -> None:
    assert HOURS.allow(beijing(border))
    assert not HOURS.allow(beijing(border) - ONE_US)


@pytest.mark.parametrize("border", [12, 20])
def test_a_windows_last_instant_is_outside(border: int) -> None:
    assert HOURS.allow(beijing(border) - ONE_US)
    assert not HOURS.allow(beijing(border))


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (beijing(10, 30), beijing(10, 30)),
        (beijing(8, 59), beijing(9)),
        (beijing(12), beijing(14)),
        (beijing(13, 59), beijing(14)),
        (beijing(20), beijing(9, day=3)),
        (beijing(23, 59), beijing(9, day=3)),
        (beijing(0), beijing(9)),
    ],
)
def test_a_call_waits_for_the_next_opening(asked: datetime, given_: datetime) -> None:
    assert HOURS.next_allowed(asked) == given_
    assert HOURS.next_allowed(asked).tzinfo is UTC


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_next_opening_is_allowed_and_nothing_earlier_was(asked: datetime) -> None:
    opening = HOURS.next_allowed(asked)
    assert HOURS.allow(opening)
    assert asked <= opening < asked + timedelta(days=1)
    minutes = int((opening - asked) / timedelta(minutes=1))
    assert not any(HOURS.allow(asked + timedelta(minutes=minute)) for minute in range(minutes))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_where_clocks_change_the_hours_stay_those_on_the_wall(asked: datetime) -> None:
    hours = CallingHours(BERLIN, ((time(2, 30), time(2, 45)), (time(9), time(12))))
    opening = hours.next_allowed(asked)
    assert hours.allow(opening)
    assert asked <= opening <= asked + timedelta(days=1, hours=1)


def test_an_opening_that_the_clock_skips_is_left_out() -> None:
    hours = CallingHours(BERLIN, ((time(2, 30), time(2, 45)),))
    before_the_gap = datetime(2026, 3, 29, 0, 50, tzinfo=UTC)  # 01:50; the clock goes from 02:00 to 03:00
    assert hours.next_allowed(before_the_gap) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_an_opening_that_comes_twice_counts_twice() -> None:
    hours = CallingHours(BERLIN, ((time(2, 30), time(2, 45)),))
    after_the_first = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 02:50 summer time; at 03:00 it is 02:00 again
    assert hours.next_allowed(after_the_first) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("windows", [(), ((time(12), time(9)),), ((time(9), time(9)),)])
def test_hours_that_never_open_are_refused(windows: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="window"):
        CallingHours(BEIJING, windows)
