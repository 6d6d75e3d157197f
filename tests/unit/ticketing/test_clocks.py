"""Clocks: what starts and stops them, when they are due, what is a breach."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.clocks import ClockKind, is_breached, started_by, stopped_by, ticket_clocks
from ticketing.domain.lifecycle import TicketAction, TimelineFact
from ticketing.domain.policy import TicketPolicy

START = datetime(2026, 3, 2, tzinfo=UTC)
POLICY = TicketPolicy(
    ZoneInfo("Asia/Shanghai"), 180, 20, 45, 20, 60, 10, 60, 3600, 2, accept_limit_s=180, answer_limit_s=86_400
)
CLOCKS = ticket_clocks(POLICY)


def test_both_clocks_start_with_the_ticket_and_again_with_its_reopening() -> None:
    for begin in (TimelineFact.CREATED, TicketAction.REOPEN):
        due = {spec.kind: spec.due(START) - START for spec in started_by(CLOCKS, begin)}
        assert due == {ClockKind.ACCEPT: timedelta(seconds=180), ClockKind.ANSWER: timedelta(days=1)}


def test_accepting_or_being_assigned_stops_the_accept_clock_and_resolving_the_answer_clock() -> None:
    assert stopped_by(CLOCKS, TicketAction.ACCEPT) == [ClockKind.ACCEPT]
    assert stopped_by(CLOCKS, TicketAction.ASSIGN) == [ClockKind.ACCEPT]
    assert stopped_by(CLOCKS, TicketAction.RESOLVE) == [ClockKind.ANSWER]


def test_no_other_fact_touches_a_clock() -> None:
    others = {*TimelineFact, *TicketAction} - {
        TimelineFact.CREATED,
        TicketAction.REOPEN,
        TicketAction.ACCEPT,
        TicketAction.ASSIGN,
        TicketAction.RESOLVE,
    }
    assert not [action for action in others if started_by(CLOCKS, action) or stopped_by(CLOCKS, action)]


offsets = st.integers(-1000, 1000).map(lambda seconds: START + timedelta(seconds=seconds))


@given(offsets, st.one_of(st.none(), offsets), offsets)
def test_a_clock_is_breached_when_it_ran_beyond_its_due_time(
    due_at: datetime, stopped_at: datetime | None, now: datetime
) -> None:
    ran_until = now if stopped_at is None else stopped_at
    assert is_breached(due_at, stopped_at, now) == (ran_until > due_at)
