"""How failures close the door, and for how long."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from people.domain.throttling import closed_until

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
WINDOW = timedelta(minutes=15)
ONE_US = timedelta(microseconds=1)


def _ago(*seconds: float) -> list[datetime]:
    return [NOW - timedelta(seconds=each) for each in seconds]


def test_below_the_limit_the_door_is_open() -> None:
    assert closed_until(_ago(1, 2), 3, WINDOW, NOW) is None
    assert closed_until([], 1, WINDOW, NOW) is None


def test_at_the_limit_it_closes_until_the_oldest_that_counts_is_forgotten() -> None:
    assert closed_until(_ago(10, 20, 30), 3, WINDOW, NOW) == NOW - timedelta(seconds=30) + WINDOW
    assert closed_until(_ago(10, 20, 30, 40), 3, WINDOW, NOW) == NOW - timedelta(seconds=30) + WINDOW


def test_a_failure_exactly_as_old_as_the_window_is_forgotten() -> None:
    assert closed_until([NOW - WINDOW, *_ago(1)], 2, WINDOW, NOW) is None
    assert closed_until([NOW - WINDOW + ONE_US, *_ago(1)], 2, WINDOW, NOW) == NOW + ONE_US


@given(st.lists(st.floats(0, 3600)), st.integers(1, 10))
def test_whoever_waits_as_long_as_told_finds_it_open_and_not_before(seconds: list[float], limit: int) -> None:
    failures = _ago(*seconds)
    until = closed_until(failures, limit, WINDOW, NOW)
    if until is not None:
        assert NOW < until <= NOW + WINDOW
        assert closed_until(failures, limit, WINDOW, until - ONE_US) is not None
        assert closed_until(failures, limit, WINDOW, until) is None
