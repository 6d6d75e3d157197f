"""Ticket numbers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.ticket_number import day_of, format_number

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_number_is_the_citys_day_and_five_digits() -> None:
    before_midnight_utc = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)  # 01:30 of the 23rd in the city
    assert format_number(day_of(before_midnight_utc, SHANGHAI), 17) == "26112300017"


@given(st.integers(1, 2_000_000), st.integers(1, 2_000_000))
def test_two_serials_of_a_day_never_give_one_number(first: int, second: int) -> None:
    assert (format_number("261123", first) == format_number("261123", second)) == (first == second)
