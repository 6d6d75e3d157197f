"""Calls of other telephone systems in the books: the fullest picture stands, and its facts are told once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.domain.call import CallOutcome, CallStatus, outcome_outside
from ivr.domain.events import CallEnded, CallFoundServed, CallMissed, OutsideCallChanged
from ivr.models import Call
from ivr.outside_call_service import OutsideCall, OutsideCallService
from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event


@pytest.fixture
def missed(clock: FixedClock) -> OutsideCall:
    now = clock.now()
    return OutsideCall(
        call_id="c1", source="old PBX", heard_events=2, is_outbound=False, caller="+8613900000001", line="12345",
        started_at=now, is_answered=False, answered_at=None, ended_at=now + timedelta(seconds=60), has_message=False,
        agents=(), cause="", unknown=(),
    )  # fmt: skip


def _book(database: Database) -> Call:
    with database.reading() as session:
        return session.get_one(Call, "c1")


def test_what_is_made_of_fewer_events_changes_nothing(
    database: Database, facts: list[Event], missed: OutsideCall
) -> None:
    """Two processes looked at the same call, and the one that had seen less came last."""
    service = OutsideCallService(database)
    answered = replace(missed, heard_events=3, is_answered=True, answered_at=missed.started_at, agents=("801",))
    for heard in (missed, missed, answered, missed, answered):
        service.write_down(heard)
    row = _book(database)
    assert (row.outcome, row.heard_events, row.agents) == (CallOutcome.TALKED, 3, ["801"])
    assert facts == [
        OutsideCallChanged("c1"), CallEnded("c1"), CallMissed("c1"), OutsideCallChanged("c1"), CallFoundServed("c1"),
    ]  # fmt: skip


def test_a_call_that_had_looked_missed_may_turn_out_to_go_on(database: Database, missed: OutsideCall) -> None:
    service = OutsideCallService(database)
    service.write_down(missed)
    service.write_down(replace(missed, heard_events=3, is_answered=True, ended_at=None))
    row = _book(database)
    assert (row.status, row.outcome, row.ended_at) == (CallStatus.ANSWERED, None, None)


@pytest.mark.parametrize(
    ("is_outbound", "is_answered", "has_message", "outcome"),
    [
        (False, False, False, CallOutcome.MISSED),
        (False, True, False, CallOutcome.TALKED),
        (False, False, True, CallOutcome.MESSAGE_LEFT),
        (False, True, True, CallOutcome.MESSAGE_LEFT),
        (True, True, False, CallOutcome.CALLBACK_DONE),
        (True, False, False, CallOutcome.CALLBACK_FAILED),
        (True, False, True, CallOutcome.CALLBACK_FAILED),
    ],
)
def test_what_the_caller_got(is_outbound: bool, is_answered: bool, has_message: bool, outcome: CallOutcome) -> None:
    assert outcome_outside(is_outbound=is_outbound, is_answered=is_answered, has_message=has_message) is outcome
