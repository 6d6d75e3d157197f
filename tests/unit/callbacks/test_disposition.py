"""How the end of a call is named, from the dial's words and from the conversation."""

from dataclasses import dataclass

import pytest

from callbacks.domain.attempt import AttemptResult, AttemptState, recovered_disposition, settled_disposition
from callbacks.domain.disposition import Disposition, of_conversation, of_dial_failure
from callbacks.domain.rating import Answers
from ivr.ports import DialFailure


@dataclass(frozen=True)
class Press:
    digit: str
    at_ms: int


@pytest.mark.parametrize("failure", DialFailure)
def test_every_dial_failure_of_the_line_has_its_disposition(failure: DialFailure) -> None:
    assert of_dial_failure(failure) == failure.value


def test_an_unknown_word_of_the_line_is_treated_as_unreachable() -> None:
    assert of_dial_failure("on_holiday") is Disposition.UNREACHABLE


def test_a_conversation_is_answered_broken_off_or_silent() -> None:
    assert of_conversation(is_complete=True, has_reacted=True) is Disposition.ANSWERED
    assert of_conversation(is_complete=False, has_reacted=True) is Disposition.BROKEN_OFF
    assert of_conversation(is_complete=False, has_reacted=False) is Disposition.SILENT


def test_a_call_named_answered_with_a_question_open_was_broken_off() -> None:
    half = AttemptResult(Disposition.ANSWERED, solved=True)
    assert settled_disposition(half, Answers()) is Disposition.BROKEN_OFF
    assert settled_disposition(half, Answers(None, 2)) is Disposition.ANSWERED


def test_keys_that_answer_nothing_are_still_keys() -> None:
    stray = AttemptResult(Disposition.SILENT, digits=[Press("9", 100)])
    assert settled_disposition(stray, Answers()) is Disposition.BROKEN_OFF


@pytest.mark.parametrize("failure", DialFailure)
def test_a_call_nobody_picked_up_keeps_its_name(failure: DialFailure) -> None:
    disposition = of_dial_failure(failure)
    assert settled_disposition(AttemptResult(disposition), Answers(True, 1)) is disposition


def test_recovery_claims_only_what_is_certain() -> None:
    assert recovered_disposition(AttemptState.CLAIMED) is Disposition.NOT_DIALLED
    assert recovered_disposition(AttemptState.DIALLING) is Disposition.INTERRUPTED
