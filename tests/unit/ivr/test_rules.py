"""Pure rules of the line: outcomes, menus, spelling."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.domain.call import CallDirection, CallOutcome, HangupBy
from ivr.domain.call_record import (
    CallRecord,
    CallStart,
    RecordingFacts,
    can_be_called_back,
    outcome_of,
    printable,
    who_hung_up,
)
from ivr.domain.menu import BUSY_MENU, MAIN_MENU, Wish
from ivr.domain.prompts import Prompt, digits_of, spelled, spoken_status

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
RECORD = CallRecord(CallStart("c1", CallDirection.INBOUND, "12345", "+8613900000001", AT), "telephony-test")
SOUND = RecordingFacts(1000, 800, "ab")


@pytest.mark.parametrize(
    ("wish", "is_told", "has_failed", "sound"),
    list(itertools.product([None, *Wish], [False, True], [False, True], [None, SOUND])),
)
def test_every_inbound_call_without_a_message_a_promise_or_an_answer_is_a_missed_one(
    wish: Wish | None, is_told: bool, has_failed: bool, sound: RecordingFacts | None
) -> None:
    record = replace(RECORD, wish=wish, is_progress_told=is_told, is_recording_failed=has_failed, recording=sound)
    outcome = outcome_of(record)
    if sound and not has_failed:
        assert outcome is CallOutcome.MESSAGE_LEFT
    elif wish is Wish.CALLBACK or has_failed:
        assert outcome is CallOutcome.CALLBACK_REQUESTED
    elif is_told and wish in (None, Wish.PROGRESS):
        assert outcome is CallOutcome.PROGRESS_TOLD
    else:
        assert outcome is CallOutcome.MISSED


@pytest.mark.parametrize("is_talked_through", [False, True])
def test_an_outbound_call_is_done_or_failed_whatever_else_happened(is_talked_through: bool) -> None:
    start = replace(RECORD.start, direction=CallDirection.OUTBOUND)
    record = replace(RECORD, start=start, is_talked_through=is_talked_through, recording=SOUND)
    assert outcome_of(record) is (CallOutcome.CALLBACK_DONE if is_talked_through else CallOutcome.CALLBACK_FAILED)


@pytest.mark.parametrize(
    ("cause", "who"),
    [
        ("bye", HangupBy.CALLER),
        ("cancel", HangupBy.CALLER),
        (None, HangupBy.CALLER),
        ("dead_media", HangupBy.NETWORK),
        ("transport_no_port", HangupBy.NETWORK),
        ("timeout_no_ack", HangupBy.NETWORK),
        ("stopped", HangupBy.NETWORK),
    ],
)
def test_the_cause_tells_who_hung_up(cause: str | None, who: HangupBy) -> None:
    assert who_hung_up(cause) is who


def test_zero_means_an_agent_and_silence_too() -> None:
    assert MAIN_MENU.keys["0"] is MAIN_MENU.on_silence is Wish.AGENT
    assert BUSY_MENU.on_silence is None


@pytest.mark.parametrize(
    ("number", "spoken"),
    [("20260302-00417", "2026030200417"), ("+8613900000001", "13900000001"), ("", ""), ("GD-7", "7"), ("１２", "")],
)
def test_numbers_are_spelled_digit_by_digit(number: str, spoken: str) -> None:
    assert [prompt.value for prompt in spelled(number)] == [f"digit_{digit}" for digit in spoken]
    assert digits_of(number).removeprefix("86") == spoken


@pytest.mark.parametrize(
    ("caller", "can"), [("+8613900000001", True), ("8001", True), ("anonymous", False), ("", False)]
)
def test_only_a_number_can_be_called_back(caller: str, can: bool) -> None:
    assert can_be_called_back(caller) is can


def test_what_the_network_sends_is_made_fit_for_the_books() -> None:
    assert printable("a\x00b\r\n" + "c" * 99) == "ab" + "c" * 62


def test_every_status_has_words() -> None:
    assert spoken_status("closed") is Prompt.STATUS_CLOSED
    assert spoken_status("anything new") is Prompt.STATUS_OTHER
