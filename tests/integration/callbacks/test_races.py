"""Real threads on one database: one dial per attempt, one next step per outcome, one rating per task."""

from dataclasses import replace
from functools import partial

import pytest

from callbacks.domain.attempt import AttemptResult
from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import AttemptReleased
from callbacks.domain.events import CallbackNeedsPerson, RatingGiven
from callbacks.domain.lifecycle import CallbackStatus
from callbacks.service import CallbackService
from kit.clock import FixedClock
from kit.db import Database
from kit.errors import HotlineError
from kit.events import Event
from tests.integration.callbacks.books import POLICY, Books, Line, answered
from tests.support.threads import run_together


def test_many_claimers_share_what_is_due_and_keep_the_limit(
    database: Database, clock: FixedClock, books: Books
) -> None:
    service = CallbackService(database, clock, replace(POLICY, max_at_once=5))
    line = Line(service, books)
    for _ in range(8):
        line.task()
    shares = run_together([partial(service.claim_due, f"t{number}", 2) for number in range(6)])
    claims = [claim for share in shares if isinstance(share, list) for claim in share]
    assert len(claims) == 5
    assert len({claim.task_id for claim in claims}) == 5
    assert len({claim.call_id for claim in claims}) == 5


def test_one_task_is_claimed_by_one(line: Line, books: Books) -> None:
    task_id = line.task()
    shares = run_together([lambda: line.service.claim_due("t1", 1)] * 6)
    assert sum(len(share) for share in shares if isinstance(share, list)) == 1
    assert len(books.attempts(task_id)) == 1


def test_of_many_diallers_of_one_attempt_one_dials(line: Line) -> None:
    line.task()
    claim = line.claim()
    answers = run_together([lambda: line.service.mark_dialling(claim.attempt_id)] * 6)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, AttemptReleased) for answer in answers) == 5


@pytest.mark.parametrize("_round", range(4))
def test_an_attempt_is_either_dialled_or_released_as_never_dialled(line: Line, books: Books, _round: int) -> None:
    task_id = line.task()
    claim = line.claim()
    dialled, released = run_together(
        [
            lambda: line.service.mark_dialling(claim.attempt_id),
            lambda: line.service.release_interrupted("t1"),
        ]
    )
    first = books.attempts(task_id)[0]
    if isinstance(dialled, HotlineError):
        assert first.disposition is Disposition.NOT_DIALLED
    else:
        # dialled before it was looked at: it may have rung; after it was seen as claimed: not released at all
        assert first.disposition is (Disposition.INTERRUPTED if released == 1 else None)
        assert first.dialled_at is not None


@pytest.mark.parametrize("_round", range(4))
def test_a_report_and_a_recovery_at_the_same_time_give_one_rating(
    line: Line, books: Books, facts: list[Event], _round: int
) -> None:
    task_id = line.task()
    claim = line.claim_and_dial()
    report = answered(True, 1)
    run_together(
        [
            lambda: line.service.finish_attempt(claim.attempt_id, report),
            lambda: line.service.release_interrupted("t1"),
            lambda: line.service.finish_attempt(claim.attempt_id, report),
        ]
    )
    assert len(books.ratings()) == 1
    assert sum(isinstance(fact, RatingGiven) for fact in facts) == 1
    assert line.service.task(task_id).status is CallbackStatus.DONE


def test_many_reports_of_one_attempt_climb_one_rung(line: Line, facts: list[Event]) -> None:
    task_id = line.task()
    claim = line.claim_and_dial()
    report = AttemptResult(Disposition.INVALID_NUMBER)
    run_together([lambda: line.service.finish_attempt(claim.attempt_id, report)] * 6)
    task = line.service.task(task_id)
    assert (task.status, task.attempt_count) == (CallbackStatus.WITH_PERSON, 1)
    assert facts.count(CallbackNeedsPerson(task_id)) == 1


def test_two_recoveries_count_each_attempt_once(line: Line) -> None:
    line.task()
    line.task()
    line.service.claim_due("t1", 2)
    counts = run_together([lambda: line.service.release_interrupted("t1")] * 4)
    assert sum(count for count in counts if isinstance(count, int)) == 2


def test_of_many_persons_who_finish_a_task_one_does(line: Line, books: Books, facts: list[Event]) -> None:
    task_id = line.task()
    line.call(AttemptResult(Disposition.INVALID_NUMBER))
    boss = books.person("boss")
    finish = line.service.finish_by_person
    answers = run_together([partial(finish, task_id, boss, True, None, True, level) for level in (1, 2, 3)])
    assert answers.count(None) == 1
    assert len(books.ratings()) == 1
    assert sum(isinstance(fact, RatingGiven) for fact in facts) == 1


def test_a_persons_finish_and_a_late_answer_give_one_rating(line: Line, books: Books, clock: FixedClock) -> None:
    task_id = line.task()
    boss = books.person("boss")
    for _ in range(2):
        clock.advance(line.service.task(task_id).due_at - clock.now())
        claim = line.claim_and_dial()
        line.service.release_interrupted("t1")
    assert line.service.task(task_id).status is CallbackStatus.WITH_PERSON
    run_together(
        [
            lambda: line.service.finish_attempt(claim.attempt_id, answered(True, 1)),
            lambda: line.service.finish_by_person(task_id, boss, True, None, True, 5),
        ]
    )
    assert len(books.ratings()) == 1
    assert line.service.task(task_id).status is CallbackStatus.DONE


@pytest.mark.parametrize("_round", range(6))
def test_halves_of_an_answer_from_two_calls_at_the_same_time_become_one_rating(
    line: Line, books: Books, clock: FixedClock, _round: int
) -> None:
    task_id = line.task()
    late = line.claim_and_dial()
    line.service.release_interrupted("t1")
    clock.advance(line.service.task(task_id).due_at - clock.now())
    live = line.claim_and_dial()
    run_together(
        [
            lambda: line.service.finish_attempt(late.attempt_id, answered(True, None)),
            lambda: line.service.finish_attempt(live.attempt_id, answered(None, 1)),
        ]
    )
    (rating,) = books.ratings()
    assert (rating.solved, rating.satisfaction) == (True, 1)
    assert line.service.task(task_id).status is CallbackStatus.DONE
