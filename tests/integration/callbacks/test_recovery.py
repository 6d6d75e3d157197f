"""What happens to attempts whose process fell silent, and to answers that arrive late."""

from datetime import timedelta

import pytest

from callbacks.domain.attempt import AttemptResult
from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import AttemptReleased
from callbacks.domain.events import RatingGiven
from callbacks.domain.lifecycle import CallbackStatus
from kit.clock import FixedClock
from kit.events import Event
from tests.integration.callbacks.books import POLICY, Books, Line, answered

TO_THE_RETRY = timedelta(minutes=5)


def test_a_claim_of_a_dead_process_certainly_never_rang_and_is_due_at_once(line: Line, books: Books) -> None:
    task_id = line.task()
    claim = line.claim()
    assert line.service.release_interrupted("t1") == 1
    (attempt,) = books.attempts(task_id)
    assert attempt.disposition is Disposition.NOT_DIALLED
    assert line.service.task(task_id).attempt_count == 0
    assert line.claim().number == 2
    with pytest.raises(AttemptReleased):
        line.service.mark_dialling(claim.attempt_id)


def test_a_dialled_attempt_of_a_dead_process_may_have_rung_and_waits(
    line: Line, books: Books, clock: FixedClock
) -> None:
    task_id = line.task()
    line.claim_and_dial()
    assert line.service.release_interrupted("t1") == 1
    task = line.service.task(task_id)
    assert books.attempts(task_id)[0].disposition is Disposition.INTERRUPTED
    assert (task.status, task.attempt_count) == (CallbackStatus.PENDING, 1)
    assert task.due_at == clock.now() + TO_THE_RETRY


def test_a_process_recovers_only_its_own_attempts(line: Line) -> None:
    line.task()
    line.task()
    line.claim()
    other = line.as_process("t2").claim()
    assert line.service.release_interrupted("t1") == 1
    line.service.mark_dialling(other.attempt_id)
    assert line.service.release_interrupted("t1") == 0


def test_a_lease_runs_out_to_the_instant_and_dialling_renews_it(line: Line, clock: FixedClock) -> None:
    line.task()
    claim = line.claim()
    clock.advance(POLICY.lease - timedelta(seconds=1))
    assert line.service.release_interrupted(None) == 0
    line.service.mark_dialling(claim.attempt_id)
    clock.advance(POLICY.lease - timedelta(seconds=1))
    assert line.service.release_interrupted(None) == 0
    clock.advance(timedelta(seconds=1))
    assert line.service.release_interrupted(None) == 1
    assert line.service.release_interrupted(None) == 0


def test_a_process_that_dies_at_every_claim_does_not_keep_a_task_for_ever(line: Line) -> None:
    task_id = line.task()
    for _ in range(3):
        line.claim()
        line.service.release_interrupted("t1")
    assert line.service.task(task_id).status is CallbackStatus.WITH_PERSON


def _interrupted_call(line: Line) -> str:
    """A call believed dead that goes on; id of its attempt."""
    claim = line.claim_and_dial()
    line.service.release_interrupted("t1")
    return claim.attempt_id


def test_answers_that_come_late_are_the_rating_and_stop_the_retry(
    line: Line, books: Books, clock: FixedClock, facts: list[Event]
) -> None:
    task_id = line.task()
    late = _interrupted_call(line)
    line.service.finish_attempt(late, answered(True, 1))
    line.service.finish_attempt(late, answered(True, 1))
    (rating,) = books.ratings()
    assert (rating.attempt_id, rating.satisfaction) == (late, 1)
    assert line.service.task(task_id).status is CallbackStatus.DONE
    assert sum(isinstance(fact, RatingGiven) for fact in facts) == 1
    assert books.attempts(task_id)[0].disposition is Disposition.ANSWERED
    clock.advance(TO_THE_RETRY)
    assert line.service.claim_due("t1", 9) == []


def test_late_answers_take_the_right_to_dial_from_the_next_attempt(line: Line, books: Books, clock: FixedClock) -> None:
    task_id = line.task()
    late = _interrupted_call(line)
    clock.advance(TO_THE_RETRY)
    second = line.claim()
    line.service.finish_attempt(late, answered(False, None))
    with pytest.raises(AttemptReleased):
        line.service.mark_dialling(second.attempt_id)
    line.service.finish_attempt(second.attempt_id, AttemptResult(Disposition.NOT_DIALLED))
    assert line.service.task(task_id).status is CallbackStatus.DONE
    assert len(books.ratings()) == 1


def test_with_both_calls_answered_the_first_rating_stands_and_the_second_answer_is_kept(
    line: Line, books: Books, clock: FixedClock
) -> None:
    task_id = line.task()
    late = _interrupted_call(line)
    clock.advance(TO_THE_RETRY)
    second = line.claim_and_dial()
    line.service.finish_attempt(late, answered(True, 2))
    line.service.finish_attempt(second.attempt_id, answered(True, 5))
    (rating,) = books.ratings()
    assert rating.satisfaction == 2
    assert [attempt.satisfaction for attempt in books.attempts(task_id)] == [2, 5]
    assert line.service.task(task_id).status is CallbackStatus.DONE


def test_a_late_half_answer_is_kept_and_the_next_call_asks_the_rest(
    line: Line, books: Books, clock: FixedClock
) -> None:
    task_id = line.task()
    line.service.finish_attempt(_interrupted_call(line), answered(True, None))
    assert line.service.task(task_id).status is CallbackStatus.PENDING
    clock.advance(TO_THE_RETRY)
    claim = line.claim_and_dial()
    assert (claim.solved, claim.satisfaction) == (True, None)
    line.service.finish_attempt(claim.attempt_id, answered(None, 1))
    assert len(books.ratings()) == 1


def test_late_answers_reach_a_task_that_a_person_has_by_now(line: Line, books: Books, clock: FixedClock) -> None:
    task_id = line.task()
    _interrupted_call(line)
    clock.advance(TO_THE_RETRY)
    late = _interrupted_call(line)
    assert line.service.task(task_id).status is CallbackStatus.WITH_PERSON
    line.service.finish_attempt(late, answered(True, 1))
    assert line.service.task(task_id).status is CallbackStatus.DONE
    assert len(books.ratings()) == 1


def test_a_late_report_without_answers_corrects_the_record_and_moves_nothing(line: Line, books: Books) -> None:
    task_id = line.task()
    late = _interrupted_call(line)
    before = line.service.task(task_id)
    line.service.finish_attempt(late, AttemptResult(Disposition.NO_ANSWER, "sip 480"))
    assert line.service.task(task_id) == before
    assert books.attempts(task_id)[0].disposition is Disposition.NO_ANSWER
