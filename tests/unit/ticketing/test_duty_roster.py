"""The duty roster: who is on duty, what nobody covers, which shifts are refused, who is present."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.duty_roster import (
    DutyPair,
    Gap,
    PresenceFacts,
    PresenceState,
    Shift,
    check_shift,
    on_duty,
    uncovered,
)
from ticketing.domain.errors import BadShift

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRACE_S = 45.0


def at(hours: float) -> datetime:
    return START + hours * HOUR


def shift(
    starts: float, ends: float | None, seat: str = "seat-1", a: str = "ann", b: str = "bob", name: str = ""
) -> Shift:
    return Shift(name or f"{seat}-{starts}", seat, at(starts), None if ends is None else at(ends), a, b)


def test_a_shift_covers_its_start_but_not_its_end() -> None:
    morning = shift(8, 12)
    assert on_duty([morning], at(8)) == [DutyPair("seat-1", "ann", "bob")]
    assert on_duty([morning], at(12)) == []


def test_an_open_ended_shift_covers_all_time_after_its_start() -> None:
    assert on_duty([shift(0, None)], at(100_000)) == [DutyPair("seat-1", "ann", "bob")]


def test_gaps_between_and_around_shifts_are_shown() -> None:
    assert uncovered([shift(4, 8), shift(2, 5, "seat-2"), shift(20, None)], at(0), at(24)) == [
        Gap(at(0), at(2)),
        Gap(at(8), at(20)),
    ]


def test_without_shifts_all_time_is_uncovered() -> None:
    assert uncovered([], at(0), at(24)) == [Gap(at(0), at(24))]


hours = st.integers(0, 48)
some_shifts = st.lists(
    st.tuples(hours, st.one_of(st.none(), st.integers(1, 24))).map(
        lambda times: shift(times[0], None if times[1] is None else times[0] + times[1], seat=f"seat-{times}")
    ),
    max_size=6,
)


@given(some_shifts, hours, st.integers(1, 48))
def test_an_instant_is_in_a_gap_exactly_when_nobody_is_on_duty(shifts: list[Shift], begin: int, length: int) -> None:
    gaps = uncovered(shifts, at(begin), at(begin + length))
    for half_hours in range(length * 2):
        instant = at(begin + half_hours / 2)
        assert any(gap.starts_at <= instant < gap.ends_at for gap in gaps) == (not on_duty(shifts, instant))


@given(some_shifts, hours, st.integers(1, 48))
def test_gaps_are_in_order_apart_and_inside_the_asked_time(shifts: list[Shift], begin: int, length: int) -> None:
    gaps = uncovered(shifts, at(begin), at(begin + length))
    edges = [instant for gap in gaps for instant in gap]
    assert edges == sorted(set(edges))
    assert all(at(begin) <= instant <= at(begin + length) for instant in edges)


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (shift(8, 12, a="ann", b="ann", name="new"), "same_person"),
        (shift(8, 8, name="new"), "ends_before_start"),
        (shift(8, 7, name="new"), "ends_before_start"),
        (shift(11, 13, name="new"), "overlap"),
        (shift(9, 10, name="new"), "overlap"),
        (shift(7, None, name="new"), "overlap"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_with_its_reason(new: Shift, reason: str) -> None:
    with pytest.raises(BadShift) as refused:
        check_shift(new, [shift(8, 12)])
    assert refused.value.details == {"reason": reason}


def test_back_to_back_shifts_and_those_of_another_seat_are_accepted() -> None:
    check_shift(shift(12, 16, name="next"), [shift(8, 12), shift(12, 16, "seat-2")])


def test_nothing_follows_an_open_ended_shift() -> None:
    with pytest.raises(BadShift):
        check_shift(shift(1000, 1001, name="new"), [shift(0, None)])


def presence(state: PresenceState, since_s: float = 0, seen_s: float = 0) -> PresenceFacts:
    return PresenceFacts("ann", state, START - timedelta(seconds=since_s), START - timedelta(seconds=seen_s))


def test_available_means_chosen_and_seen_within_the_grace_time() -> None:
    assert presence(PresenceState.AVAILABLE, since_s=9999, seen_s=44).is_available(START, GRACE_S)
    assert not presence(PresenceState.AVAILABLE, seen_s=45).is_available(START, GRACE_S)
    assert not presence(PresenceState.AWAY).is_available(START, GRACE_S)
    assert not presence(PresenceState.OFFLINE).is_available(START, GRACE_S)


def test_a_reloaded_page_has_not_left_but_one_closed_for_the_grace_time_has() -> None:
    assert not presence(PresenceState.OFFLINE, since_s=10, seen_s=10).has_left(START, GRACE_S)
    assert presence(PresenceState.OFFLINE, since_s=45, seen_s=10).has_left(START, GRACE_S)
    assert presence(PresenceState.AVAILABLE, since_s=999, seen_s=45).has_left(START, GRACE_S)
    assert not presence(PresenceState.AWAY, since_s=999, seen_s=0).has_left(START, GRACE_S)
