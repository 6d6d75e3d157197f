"""What follows in the books when an attempt has ended: a rating, the next attempt, or a person."""

from datetime import datetime

import structlog

from callbacks import repository
from callbacks.domain.attempt import COUNTED
from callbacks.domain.disposition import Disposition
from callbacks.domain.events import CallbackNeedsPerson, CallbackTaskChanged, RatingGiven
from callbacks.domain.lifecycle import CallbackAction, CallbackStatus
from callbacks.domain.policy import CallbackPolicy
from callbacks.domain.rating import Answers, RatingSource
from callbacks.models import CallbackAttempt, CallbackTask, Rating
from kit.db import Transaction
from kit.ids import new_id

log = structlog.get_logger(__name__)


class NextStep:
    """Steps inside the service's transactions; the task row is locked by the caller."""

    def __init__(self, policy: CallbackPolicy) -> None:
        self._policy = policy

    def move(self, tx: Transaction, task: CallbackTask, action: CallbackAction, by: str, **values: object) -> None:
        came_from = task.status
        repository.move_task(tx.session, task, action, **values)
        log.info("callbacks.task.moved", task_id=task.id, came_from=came_from, action=action, to=task.status, by=by)
        tx.raise_event(CallbackTaskChanged(task.id))

    def settle(
        self, tx: Transaction, task: CallbackTask, attempt: CallbackAttempt, answers: Answers, now: datetime
    ) -> None:
        """The step after an attempt that ended in time."""
        if task.status is not CallbackStatus.DIALLING:
            return  # an earlier call's answers came late and finished the task while this one was dialling
        merged = answers.filled_up_from(known_answers(task))
        history = repository.history(tx.session, task.id)
        kept = answer_columns(merged) | {"attempt_count": sum(each is not Disposition.NOT_DIALLED for each in history)}
        if merged.count_as_rating:
            self.move(tx, task, CallbackAction.FINISH, by=attempt.telephony_id, finished_at=now, **kept)
            self.rate(tx, task, merged, now, attempt=attempt)
            return
        wait = self._policy.ladder.wait_after(history)
        if wait is None:
            self.move(tx, task, CallbackAction.HAND_TO_PERSON, by="system", **kept)
            tx.raise_event(CallbackNeedsPerson(task.id))
        else:
            due_at = self._policy.hours.next_allowed(now + wait)
            self.move(tx, task, CallbackAction.RETRY, by="system", due_at=due_at, **kept)

    def keep_late_answers(
        self, tx: Transaction, task: CallbackTask, attempt: CallbackAttempt, late: Answers, now: datetime
    ) -> None:
        merged = known_answers(task).filled_up_from(late)
        if task.status is CallbackStatus.DONE or merged == known_answers(task):
            return
        if not merged.count_as_rating:
            repository.keep_answers(tx.session, task, merged)
            tx.raise_event(CallbackTaskChanged(task.id))
            return
        repository.withdraw_claims(tx.session, task.id, now)
        by = attempt.telephony_id
        self.move(tx, task, CallbackAction.ANSWER_LATE, by=by, finished_at=now, **answer_columns(merged))
        self.rate(tx, task, merged, now, attempt=attempt)

    def rate(
        self,
        tx: Transaction,
        task: CallbackTask,
        answers: Answers,
        now: datetime,
        *,
        attempt: CallbackAttempt | None = None,
        recorded_by_person_id: str | None = None,
    ) -> None:
        """Append the rating. The task has just moved to DONE, which happens once: so does this."""
        assert task.ticket_id is not None
        assert task.round is not None
        assert answers.solved is not None
        rating = Rating(
            id=new_id(),
            task_id=task.id,
            ticket_id=task.ticket_id,
            round=task.round,
            source=_source_of(attempt),
            digits=attempt.digits if attempt else [],
            voice_answers=attempt.voice_answers if attempt else [],
            attempt_id=attempt.id if attempt else None,
            recorded_by_person_id=recorded_by_person_id,
            at=now,
            **answer_columns(answers),
        )
        tx.session.add(rating)
        tx.raise_event(RatingGiven(rating.id, rating.ticket_id))
        log.info("callbacks.rating.given", rating_id=rating.id, ticket_id=rating.ticket_id, round=rating.round)


def _source_of(attempt: CallbackAttempt | None) -> RatingSource:
    if attempt is None:
        return RatingSource.PERSON
    is_spoken = any(answer["verdict"] in COUNTED for answer in attempt.voice_answers)
    return RatingSource.VOICE if is_spoken else RatingSource.KEYS


def known_answers(task: CallbackTask) -> Answers:
    return Answers(task.solved, task.satisfaction)


def answer_columns(answers: Answers) -> dict[str, bool | int | None]:
    return {"solved": answers.solved, "satisfaction": answers.satisfaction}
