"""Claim, dial, report: what each outcome of an attempt leads to."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from callbacks.domain.attempt import AttemptResult
from callbacks.domain.calling_hours import CallingHours
from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import AttemptReleased, CallbackAttemptNotFound
from callbacks.domain.events import CallbackNeedsPerson, RatingGiven
from callbacks.domain.lifecycle import CallbackStatus
from callbacks.domain.rating import RatingSource, TicketVerdict
from callbacks.service import CallbackService
from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from tests.integration.callbacks.books import BEIJING, CITIZEN, POLICY, Books, Line, Press, Spoken, answered


def test_only_what_is_due_is_claimed(database: Database, clock: FixedClock, books: Books) -> None:
    line = Line(CallbackService(database, clock, replace(POLICY, delay=timedelta(minutes=10))), books)
    line.task()
    assert line.service.claim_due("t1", 5) == []
    clock.advance(timedelta(minutes=10))
    assert len(line.service.claim_due("t1", 5)) == 1


def test_nothing_is_claimed_outside_the_hours_however_long_it_is_due(
    database: Database, clock: FixedClock, books: Books
) -> None:
    Line(CallbackService(database, clock, POLICY), books).task()
    morning = CallingHours(BEIJING, ((time(9), time(12)),))
    strict = CallbackService(database, clock, replace(POLICY, hours=morning))
    assert strict.claim_due("t1", 5) == []  # it is 12:00
    clock.advance(timedelta(hours=21))
    assert len(strict.claim_due("t1", 5)) == 1


def test_the_longest_due_is_claimed_first_and_never_more_than_asked_for(line: Line, clock: FixedClock) -> None:
    first = line.task()
    clock.advance(timedelta(seconds=1))
    line.task()
    assert [claim.task_id for claim in line.service.claim_due("t1", 1)] == [first]
    assert line.service.claim_due("t1", 0) == []


def test_no_more_attempts_live_than_the_policy_allows_over_all_processes(line: Line) -> None:
    for _ in range(4):
        line.task()
    here, there = line.service.claim_due("t1", 1), line.service.claim_due("t2", 9)
    assert (len(here), len(there)) == (1, 1)  # max_at_once is 2
    assert line.service.claim_due("t1", 9) == []
    line.service.finish_attempt(here[0].attempt_id, AttemptResult(Disposition.BUSY))
    assert len(line.service.claim_due("t1", 9)) == 1


def test_an_attempt_is_dialled_once(line: Line) -> None:
    line.task()
    claim = line.claim_and_dial()
    with pytest.raises(AttemptReleased):
        line.service.mark_dialling(claim.attempt_id)


def test_an_attempt_that_does_not_exist_is_neither_dialled_nor_finished(line: Line) -> None:
    with pytest.raises(AttemptReleased):
        line.service.mark_dialling("nothing")
    with pytest.raises(CallbackAttemptNotFound):
        line.service.finish_attempt("nothing", answered(True, 1))


def test_complete_answers_become_the_rating_with_its_raw_digits(line: Line, books: Books, facts: list[Event]) -> None:
    task_id = line.task()
    claim = line.call(answered(True, 2, [Press("1", 2310), Press("2", 6040)]))
    task, (row,) = line.service.task(task_id), books.ratings()
    assert (task.status, task.solved, task.satisfaction, task.attempt_count) == (CallbackStatus.DONE, True, 2, 1)
    assert task.finished_at is not None
    assert (row.source, row.attempt_id) == (RatingSource.KEYS, claim.attempt_id)
    assert row.digits == [{"digit": "1", "at_ms": 2310}, {"digit": "2", "at_ms": 6040}]
    rating = line.service.rating(row.id)
    assert (rating.verdict, rating.reason, rating.round) == (TicketVerdict.CLOSE, "rated", 1)
    assert facts.count(RatingGiven(row.id, row.ticket_id)) == 1


@pytest.mark.parametrize(
    ("verdict", "source"),
    [
        ("accepted", RatingSource.VOICE),
        ("confirmed", RatingSource.VOICE),
        ("unconfirmed", RatingSource.KEYS),
        ("unclear", RatingSource.KEYS),
    ],
)
def test_a_rating_says_whether_an_answer_that_counts_was_spoken_and_keeps_what_was_heard(
    line: Line, books: Books, verdict: str, source: RatingSource
) -> None:
    line.task()
    line.call(replace(answered(True, 2), voice_answers=[Spoken("revisit_satisfied", "满意", 0.9, 10, 20, verdict)]))
    (row,) = books.ratings()
    assert row.source is source
    assert row.voice_answers == [
        {
            "question": "revisit_satisfied", "phrase": "满意", "confidence": 0.9,
            "start_ms": 10, "end_ms": 20, "verdict": verdict,
        }
    ]  # fmt: skip


def test_whoever_spoke_without_being_understood_was_not_silent(line: Line, books: Books) -> None:
    task_id = line.task()
    line.call(replace(answered(), voice_answers=[Spoken("revisit_solved", "", 0.0, 10, 20, "unclear")]))
    (attempt,) = books.attempts(task_id)
    assert attempt.disposition is Disposition.BROKEN_OFF


@pytest.mark.parametrize(
    ("solved", "satisfaction", "reason"),
    [(True, 4, "dissatisfied"), (False, 1, "not_solved"), (False, None, "not_solved")],
)
def test_not_solved_or_dissatisfied_reopens_also_when_hung_up_after_the_first_no(
    line: Line, books: Books, solved: bool, satisfaction: int | None, reason: str
) -> None:
    line.task()
    line.call(answered(solved, satisfaction, [Press("2", 900)]))
    (row,) = books.ratings()
    rating = line.service.rating(row.id)
    assert (rating.verdict, rating.reason) == (TicketVerdict.REOPEN, reason)
    assert (rating.solved, rating.satisfaction) == (solved, satisfaction)


def test_a_call_broken_off_keeps_its_answer_and_the_next_asks_only_the_rest(
    line: Line, books: Books, clock: FixedClock
) -> None:
    task_id = line.task()
    line.call(answered(True, None, [Press("1", 800)]))
    task = line.service.task(task_id)
    assert (task.status, task.solved, task.satisfaction) == (CallbackStatus.PENDING, True, None)
    assert task.due_at == clock.now() + timedelta(minutes=30)
    assert books.attempts(task_id)[0].disposition is Disposition.BROKEN_OFF
    clock.advance(timedelta(minutes=30))
    claim = line.claim_and_dial()
    assert (claim.number, claim.solved, claim.satisfaction) == (2, True, None)
    line.service.finish_attempt(claim.attempt_id, answered(None, 3, [Press("3", 500)]))
    (row,) = books.ratings()
    assert (row.solved, row.satisfaction) == (True, 3)


@pytest.mark.parametrize(
    ("disposition", "minutes"),
    [(Disposition.NO_ANSWER, 30), (Disposition.BUSY, 10), (Disposition.SILENT, 60), (Disposition.INTERRUPTED, 5)],
)
def test_each_outcome_waits_as_its_rung_says(
    line: Line, clock: FixedClock, disposition: Disposition, minutes: int
) -> None:
    task_id = line.task()
    line.call(AttemptResult(disposition, "sip 480"))
    task = line.service.task(task_id)
    assert (task.status, task.attempt_count) == (CallbackStatus.PENDING, 1)
    assert task.due_at == clock.now() + timedelta(minutes=minutes)


def test_a_retry_also_waits_for_the_allowed_hours(database: Database, clock: FixedClock, books: Books) -> None:
    until_ten_past = CallingHours(BEIJING, ((time(12), time(12, 10)),))
    line = Line(CallbackService(database, clock, replace(POLICY, hours=until_ten_past)), books)
    task_id = line.task()
    line.call(AttemptResult(Disposition.BUSY))
    assert line.service.task(task_id).due_at == clock.now() + timedelta(days=1)  # 12:10 itself is outside


@pytest.mark.parametrize("disposition", [Disposition.INVALID_NUMBER, Disposition.REJECTED])
def test_an_outcome_without_rungs_goes_to_a_person_at_once(
    line: Line, facts: list[Event], disposition: Disposition
) -> None:
    task_id = line.task()
    line.call(AttemptResult(disposition))
    task = line.service.task(task_id)
    assert (task.status, task.owner_person_id) == (CallbackStatus.WITH_PERSON, None)
    assert facts[-1] == CallbackNeedsPerson(task_id)


def test_the_ladder_ends_with_a_person_and_is_climbed_no_further(line: Line, clock: FixedClock) -> None:
    task_id = line.task()
    for disposition in (Disposition.NO_ANSWER, Disposition.BUSY, Disposition.NO_ANSWER, Disposition.NO_ANSWER):
        line.call(AttemptResult(disposition))
        clock.advance(timedelta(days=1))
    assert line.service.task(task_id).status is CallbackStatus.WITH_PERSON
    assert line.service.claim_due("t1", 9) == []


def test_what_was_not_dialled_is_tried_at_once_costs_no_try_and_is_bounded(line: Line) -> None:
    task_id = line.task()
    for number in (1, 2, 3):
        claim = line.claim()
        assert claim.number == number
        line.service.finish_attempt(claim.attempt_id, AttemptResult(Disposition.NOT_DIALLED))
    task = line.service.task(task_id)
    assert (task.status, task.attempt_count) == (CallbackStatus.WITH_PERSON, 0)


@pytest.mark.parametrize("result", [answered(True, 1), AttemptResult(Disposition.BUSY), answered(True)])
def test_reporting_twice_changes_nothing(line: Line, books: Books, facts: list[Event], result: AttemptResult) -> None:
    task_id = line.task()
    claim = line.call(result)
    before, told = line.service.task(task_id), list(facts)
    line.service.finish_attempt(claim.attempt_id, result)
    line.service.finish_attempt(claim.attempt_id, answered(False, 5))
    assert line.service.task(task_id) == before
    assert facts == told
    assert len(books.attempts(task_id)) == 1


def test_a_claim_tells_what_the_dialler_needs(line: Line) -> None:
    task_id = line.task()
    claim = line.claim()
    assert (claim.task_id, claim.phone, claim.ticket_number) == (task_id, CITIZEN, "20260302-0001")
    assert len(claim.call_id) == 32


def test_a_cause_of_any_length_is_kept_as_far_as_it_fits(line: Line, books: Books) -> None:
    task_id = line.task()
    line.call(AttemptResult(Disposition.BUSY, "sip 486 " + "x" * 500))
    cause = books.attempts(task_id)[0].cause
    assert cause is not None
    assert cause.startswith("sip 486")
