from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.domain.breaker import Breaker, BreakerPolicy

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
POLICY = BreakerPolicy(failures=3, rest=timedelta(seconds=30))
SUCCESS = ""
ends = st.lists(st.sampled_from([SUCCESS, "m1", "m2", "m3", "m4"]), max_size=40)
"""How jobs ended one after the other: well, or by the failure of that message."""


def after(events: list[str], breaker: Breaker | None = None, at: datetime = NOW) -> Breaker:
    breaker = breaker or Breaker(POLICY)
    for event in events:
        breaker = breaker.after_success() if event == SUCCESS else breaker.after_failure(event, at)
    return breaker


@given(ends)
def test_it_is_open_if_three_different_messages_failed_since_the_last_success(events: list[str]) -> None:
    last_success = max((index for index, event in enumerate(events) if event == SUCCESS), default=-1)
    assert after(events).is_open == (len(set(events[last_success + 1 :])) >= POLICY.failures)


@given(st.integers(0, 100))
def test_one_poisonous_message_never_opens_it(times: int) -> None:
    assert not after(["m1"] * times).is_open


@given(ends, ends)
def test_a_success_wipes_out_whatever_was_before(before: list[str], later: list[str]) -> None:
    assert after([*before, SUCCESS, *later]) == after(later)


@given(ends, st.timedeltas(timedelta(), timedelta(minutes=5)))
def test_an_open_one_rests_exactly_so_long_and_a_closed_one_never(events: list[str], passed: timedelta) -> None:
    breaker = after(events)
    rests = breaker.rest_left(NOW + passed) > timedelta()
    assert rests == (breaker.is_open and passed < POLICY.rest)


@pytest.mark.parametrize("message", ["m1", "m9"])
def test_a_probe_that_fails_makes_it_rest_again(message: str) -> None:
    probed_at = NOW + POLICY.rest
    again = after([message], after(["m1", "m2", "m3"]), probed_at)
    assert again.rest_left(probed_at) == POLICY.rest


def test_a_probe_that_succeeds_closes_it() -> None:
    assert after(["m1", "m2", "m3", SUCCESS]) == Breaker(POLICY)
