"""What we tell others of our own calls: which events, with which fields, and why a call is over."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.cti import CtiCall, CtiCause, CtiEvent, cause_of, events_of, fields_of

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CALL = CtiCall("id-1", False, "+8613900000001", "12345", NOON, NOON, NOON + timedelta(minutes=1))


def test_the_three_events_carry_the_fields_of_the_generic_interface() -> None:
    assert [event for _, event in events_of(CALL)] == [CtiEvent.NEW_CALL, CtiEvent.ANSWER, CtiEvent.HANGUP]
    start = {"from": "8613900000001", "to": "12345", "direction": "in", "callId": "id-1"}
    assert dict(fields_of(CtiEvent.NEW_CALL, CALL)) == {"event": "newCall", **start}
    assert dict(fields_of(CtiEvent.ANSWER, CALL)) == {"event": "answer", **start, "answeringNumber": "12345"}
    assert dict(fields_of(CtiEvent.HANGUP, CALL)) == {
        "event": "hangup", **start, "cause": "normalClearing", "answeringNumber": "12345",
    }  # fmt: skip


def test_a_call_that_rings_has_but_one_event() -> None:
    ringing = CtiCall("id-1", False, "anonymous", "12345", NOON, None, None)
    assert events_of(ringing) == [(1, CtiEvent.NEW_CALL)]


@pytest.mark.parametrize(
    ("is_outbound", "is_answered", "disposition", "cause"),
    [
        (False, True, None, CtiCause.NORMAL),
        (False, False, None, CtiCause.CANCELLED),
        (True, True, "answered", CtiCause.NORMAL),
        (True, False, "busy", CtiCause.BUSY),
        (True, False, "invalid_number", CtiCause.NOT_FOUND),
        (True, False, "congested", CtiCause.UNREACHABLE),
        (True, False, "no_answer", CtiCause.NO_ANSWER),
        (True, False, None, CtiCause.NO_ANSWER),
    ],
)
def test_why_a_call_is_over(is_outbound: bool, is_answered: bool, disposition: str | None, cause: CtiCause) -> None:
    answered_at = NOON if is_answered else None
    call = CtiCall("id-1", is_outbound, "+8613900000001", "12345", NOON, answered_at, NOON, disposition=disposition)
    assert cause_of(call) is cause
    assert dict(fields_of(CtiEvent.HANGUP, call))["from"] == ("12345" if is_outbound else "8613900000001")


def test_who_talked_is_told_by_name_and_login() -> None:
    call = CtiCall("id-1", False, "+8613900000001", "12345", NOON, NOON, NOON, person="Ann", person_login="ann")
    told = dict(fields_of(CtiEvent.HANGUP, call))
    assert (told["user[]"], told["answeringNumber"]) == ("Ann", "ann")
