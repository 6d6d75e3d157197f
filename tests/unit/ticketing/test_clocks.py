"""Clocks from a timeline: start, pause, stop, rounds, warnings, breaches, limits by category."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.clocks import ClockFacts, ClockRules, ClockSpec, Happened, clocks_of
from ticketing.domain.lifecycle import TicketAction, TimelineFact

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANSWER = ClockSpec(
    kind="answer",
    starts_on=frozenset({"created", "reopen"}),
    stops_on=frozenset({"resolve"}),
    limit=10 * HOUR,
    warn_share=0.5,
    pauses_on=frozenset({"suspend"}),
    resumes_on=frozenset({"resume"}),
    limit_of_category={"water": 4 * HOUR, "water.outage": 2 * HOUR},
)
RULES = ClockRules((ANSWER,), "1")


def happened(hour: float, action: str, **details: Any) -> Happened:
    return Happened(START + hour * HOUR, action, details)


CREATED = happened(0, "created")


def clock(*events: Happened) -> ClockFacts:
    return clocks_of([CREATED, *events], RULES)[-1]


def hours_of(instant: datetime | None) -> float | None:
    return None if instant is None else (instant - START) / HOUR


def test_a_clock_runs_from_its_start_to_its_stop() -> None:
    running, stopped = clock(), clock(happened(3, "resolve"))
    assert (hours_of(running.due_at), hours_of(running.warn_at), running.stopped_at) == (10, 5, None)
    assert hours_of(running.look_at) == 5
    assert (hours_of(stopped.stopped_at), stopped.look_at) == (3, None)


def test_the_time_of_a_pause_does_not_count() -> None:
    paused = clock(happened(2, "suspend"))
    assert (hours_of(paused.paused_at), paused.look_at, paused.is_late(START + 99 * HOUR)) == (2, None, False)
    resumed = clock(happened(2, "suspend"), happened(5, "resume"))
    assert (hours_of(resumed.due_at), hours_of(resumed.warn_at), resumed.paused_s) == (13, 8, 3 * 3600)


def test_a_pause_begun_after_the_limit_saves_nothing() -> None:
    late = clock(happened(11, "suspend"), happened(20, "resume"))
    assert hours_of(late.due_at) == 10
    assert late.is_late(START + 21 * HOUR)
    assert hours_of(clock(happened(11, "suspend")).look_at) == 10


def test_a_pause_after_the_warning_point_moves_the_due_time_alone() -> None:
    resumed = clock(happened(6, "suspend"), happened(8, "resume"))
    assert (hours_of(resumed.warn_at), hours_of(resumed.due_at)) == (5, 12)


def test_a_stop_ends_a_pause_in_time() -> None:
    stopped = clock(happened(2, "suspend"), happened(50, "resolve"))
    assert (stopped.paused_at, stopped.look_at) == (None, None)
    assert not stopped.is_late(START + 99 * HOUR)


def test_the_very_instant_it_is_due_is_in_time() -> None:
    assert clock(happened(10, "resolve")).look_at is None
    late = clock(happened(10.001, "resolve"))
    assert hours_of(late.look_at) == 10


def test_a_reopening_ends_the_round_and_begins_the_next() -> None:
    first, second = clocks_of([CREATED, happened(1, "resolve"), happened(3, "reopen")], RULES)
    assert (first.round, hours_of(first.stopped_at)) == (1, 1)
    assert (second.round, hours_of(second.started_at), second.stopped_at) == (2, 3, None)
    (unstopped, _) = clocks_of([CREATED, happened(3, "reopen")], RULES)
    assert hours_of(unstopped.stopped_at) == 3


def test_a_clock_starts_once_a_round_and_a_closed_ticket_has_none_that_runs() -> None:
    rules = ClockRules((ClockSpec("talk", frozenset({"note"}), frozenset({"resolve"}), HOUR),), "1")
    (talk,) = clocks_of([CREATED, happened(1, "note"), happened(2, "note"), happened(4, "close")], rules)
    assert (hours_of(talk.started_at), hours_of(talk.stopped_at)) == (1, 4)


def test_a_noted_warning_and_breach_are_at_their_own_times_whenever_noticed() -> None:
    noted_warning = happened(7, TimelineFact.WARNED, **clock().noted(TimelineFact.WARNED))
    warned = clock(noted_warning)
    assert (hours_of(warned.warned_at), hours_of(warned.look_at)) == (5, 10)
    breached = clock(noted_warning, happened(80, TimelineFact.BREACHED, **warned.noted(TimelineFact.BREACHED)))
    assert (hours_of(breached.breached_at), breached.look_at) == (10, None)


def test_a_breach_of_another_due_time_is_another_breach() -> None:
    noted = happened(11, TimelineFact.BREACHED, **clock().noted(TimelineFact.BREACHED))
    longer = ClockSpec("answer", ANSWER.starts_on, ANSWER.stops_on, 20 * HOUR)
    (now_in_time,) = clocks_of([CREATED, noted], ClockRules((longer,), "2"))
    assert (now_in_time.breached_at, hours_of(now_in_time.look_at)) == (None, 20)


def test_the_limit_is_that_of_the_category_a_person_decided_last() -> None:
    def decided(value: str, slot: str = "category") -> Happened:
        return happened(1, TicketAction.DECIDE_SLOT, slot=slot, value=value)

    assert hours_of(clock(decided("water")).due_at) == 4
    assert hours_of(clock(decided("water.outage", "subcategory")).due_at) == 2
    assert hours_of(clock(decided("water.pressure", "subcategory")).due_at) == 4
    assert hours_of(clock(decided("water"), decided("roads")).due_at) == 10
    assert hours_of(clock(decided("water", "place")).due_at) == 10


def test_a_machine_set_back_in_time_lets_no_clock_run_backwards() -> None:
    resolved = clock(happened(4, "suspend"), happened(3, "resume"), happened(1, "resolve"))
    assert (resolved.paused_s, hours_of(resolved.stopped_at)) == (0, 4)


steps = st.lists(
    st.tuples(st.floats(0, 30), st.sampled_from(["suspend", "resume", "resolve", "reopen", "note", "close"])),
    max_size=12,
)


@given(steps)
def test_no_timeline_breaks_the_order_of_a_clock_s_instants(steps: Sequence[tuple[float, str]]) -> None:
    for one in clocks_of([CREATED, *(happened(hour, action) for hour, action in steps)], RULES):
        assert one.warn_at is not None
        assert one.started_at <= one.warn_at < one.due_at
        assert one.started_at + timedelta(seconds=one.paused_s) <= (one.stopped_at or datetime.max.replace(tzinfo=UTC))
        assert one.due_at <= one.started_at + 10 * HOUR + timedelta(seconds=one.paused_s)


@given(steps)
def test_a_timeline_read_twice_or_with_rows_that_touch_no_clock_gives_the_same(
    steps: Sequence[tuple[float, str]],
) -> None:
    events = [CREATED, *(happened(hour, action) for hour, action in sorted(steps))]
    quiet = [event for event in events if event.action != "note"]
    assert clocks_of(events, RULES) == clocks_of(quiet, RULES)
