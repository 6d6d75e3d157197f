"""What can be done with callback tasks: schedule, claim and dial once, finish, hand to a person, rate."""

from datetime import datetime

import structlog

from callbacks import repository
from callbacks.domain.attempt import (
    AttemptResult,
    AttemptState,
    Claim,
    recovered_disposition,
    settled_disposition,
)
from callbacks.domain.errors import (
    AttemptReleased,
    CallbackActionNotAllowed,
    CallbackTaskNotFound,
    HandlerMayNotRate,
    NoteNeeded,
    RatingIncomplete,
    RatingWrong,
)
from callbacks.domain.events import CallbackGivenUp, CallbackNeedsPerson, CallbackTaskChanged
from callbacks.domain.lifecycle import CallbackAction, CallbackKind, CallbackStatus, is_kept_from
from callbacks.domain.policy import CallbackPolicy
from callbacks.domain.rating import Answers, RatingFacts, verdict
from callbacks.domain.retry import can_be_dialled
from callbacks.domain.task import TaskFacts
from callbacks.models import CallbackAttempt, CallbackTask
from callbacks.next_step import NextStep, answer_columns, known_answers
from kit.clock import Clock
from kit.db import Database, Transaction
from kit.ids import new_id

log = structlog.get_logger(__name__)

_HANDED_OVER_AT_ONCE = 100


class CallbackService:
    """Synchronous; one public call is one transaction (recovery: one for each attempt)."""

    def __init__(self, db: Database, clock: Clock, policy: CallbackPolicy) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy
        self._next = NextStep(policy)

    # ---- making tasks

    def schedule_satisfaction(
        self,
        ticket_id: str,
        ticket_number: str,
        round: int,  # noqa: A002 - the glossary's word for one handling of a ticket
        phone: str,
        handler_person_id: str | None,
    ) -> str:
        """The satisfaction call of this handling round; asking twice gives the same task id."""
        now = self._clock.now()
        task = CallbackTask(
            id=new_id(),
            kind=CallbackKind.SATISFACTION,
            status=CallbackStatus.PENDING,
            dedupe_key=f"satisfaction-{ticket_id}-{round}",
            phone=phone,
            ticket_id=ticket_id,
            ticket_number=ticket_number,
            round=round,
            handler_person_id=handler_person_id,
            due_at=self._policy.hours.next_allowed(now + self._policy.delay),
            attempt_count=0,
            created_at=now,
        )
        with self._db.transaction() as tx:
            if existing := repository.add_task(tx.session, task):
                return existing
            tx.raise_event(CallbackTaskChanged(task.id))
            if not can_be_dialled(phone):
                self._next.move(tx, task, CallbackAction.HAND_TO_PERSON, by="system")
                tx.raise_event(CallbackNeedsPerson(task.id))
        log.info("callbacks.task.scheduled", task_id=task.id, kind=task.kind, ticket_id=ticket_id, round=round)
        return task.id

    def schedule_person_call(self, kind: CallbackKind, call_id: str, phone: str) -> str:
        """A caller whom a person calls back: with people at once. One task per call."""
        if kind is CallbackKind.SATISFACTION:
            raise RatingWrong("a satisfaction call belongs to a ticket, not to a call")
        now = self._clock.now()
        task = CallbackTask(
            id=new_id(),
            kind=kind,
            status=CallbackStatus.WITH_PERSON,
            dedupe_key=repository.dedupe_key_of_call(call_id),
            phone=phone,
            call_id=call_id,
            due_at=now,
            attempt_count=0,
            created_at=now,
        )
        with self._db.transaction() as tx:
            if existing := repository.add_task(tx.session, task):
                return existing
            tx.raise_event(CallbackTaskChanged(task.id))
            tx.raise_event(CallbackNeedsPerson(task.id))
        log.info("callbacks.task.scheduled", task_id=task.id, kind=task.kind, call_id=call_id)
        return task.id

    def withdraw_missed(self, call_id: str, note: str) -> None:
        """The caller had been served after all: nobody needs to call. Does nothing when somebody already did."""
        with self._db.transaction() as tx:
            task = repository.lock_task_of_call(tx.session, call_id)
            if task is None or task.kind is not CallbackKind.MISSED_CALL:
                return
            if task.status is CallbackStatus.WITH_PERSON:
                now = self._clock.now()
                self._next.move(tx, task, CallbackAction.WITHDRAW, by="system", note=note, finished_at=now)

    # ---- dialling

    def claim_due(self, telephony_id: str, limit: int) -> list[Claim]:
        """The right to dial what is due, at most `limit`, and `max_at_once` over all processes.

        Each claim is dialled only after `mark_dialling` said yes, and ends with `finish_attempt`.
        """
        now = self._clock.now()
        if limit <= 0 or not self._policy.hours.allow(now):
            return []
        with self._db.reading() as session:  # asked every second: usually nothing is due, and nothing is locked
            if not repository.is_any_due(session, now):
                return []
        with self._db.transaction() as tx:
            tx.take_turns("callbacks.claim")
            room = self._policy.max_at_once - repository.live_attempt_count(tx.session)
            due = repository.due_tasks(tx.session, now, min(limit, room)) if room > 0 else []
            return [self._claim(tx, task, telephony_id, now) for task in due]

    def hand_over_due(self) -> int:
        """Where nothing can dial: what is due goes to people at once, at most a hundred at a time."""
        now = self._clock.now()
        with self._db.reading() as session:
            if not repository.is_any_due(session, now):
                return 0
        with self._db.transaction() as tx:
            tx.take_turns("callbacks.claim")
            due = repository.due_tasks(tx.session, now, _HANDED_OVER_AT_ONCE)
            for task in due:
                self._next.move(tx, task, CallbackAction.HAND_TO_PERSON, by="system")
                tx.raise_event(CallbackNeedsPerson(task.id))
            return len(due)

    def mark_dialling(self, attempt_id: str) -> None:
        """Call this before the INVITE leaves. Raises AttemptReleased: then do not dial."""
        with self._db.transaction() as tx:
            if not repository.mark_dialling(tx.session, attempt_id, self._clock.now()):
                raise AttemptReleased("this attempt was released or dialled already", attempt_id=attempt_id)

    def finish_attempt(self, attempt_id: str, result: AttemptResult) -> None:
        """What became of it: a rating, a next attempt, or a person. Saying it twice changes nothing.

        A report that comes after the attempt was released as interrupted moves no ladder any more, but
        what the citizen answered is kept, and a complete answer still becomes the rating.
        """
        now = self._clock.now()
        with self._db.transaction() as tx:
            task, attempt = repository.lock_attempt(tx.session, attempt_id)
            disposition = settled_disposition(result, known_answers(task))
            report = {
                "disposition": disposition,
                "cause": result.cause[:64] if result.cause else None,
                "solved": result.answers.solved,
                "satisfaction": result.answers.satisfaction,
                "digits": repository.digits_as_json(result.digits),
                "voice_answers": repository.voice_answers_as_json(result.voice_answers),
            }
            if repository.end_attempt(tx.session, attempt_id, now, **report):
                log.info("callbacks.attempt.ended", attempt_id=attempt_id, disposition=disposition)
                self._next.settle(tx, task, attempt, result.answers, now)
            elif repository.complete_attempt(tx.session, attempt_id, **report):
                log.warning("callbacks.attempt.reported_late", attempt_id=attempt_id, disposition=disposition)
                self._next.keep_late_answers(tx, task, attempt, result.answers, now)
            elif result.answers.continue_from(Answers(attempt.solved, attempt.satisfaction)):
                # reported before: a fuller account of the same conversation adds to it
                self._next.keep_late_answers(tx, task, attempt, result.answers, now)

    def release_interrupted(self, telephony_id: str | None) -> int:
        """Recover attempts whose process is gone: those of `telephony_id` (its own start-up, before it
        claims anything), or with None those whose lease ran out. How many were recovered."""
        since = self._clock.now() - self._policy.lease
        with self._db.reading() as session:
            silent = repository.silent_attempts(session, telephony_id=telephony_id, silent_since=since)
        return sum(self._release(attempt_id, state) for attempt_id, state in silent)

    # ---- people

    def set_owner(
        self, task_id: str, person_id: str | None, *, by_person_id: str | None = None, only_if_unowned: bool = False
    ) -> None:
        """Who is to call; None: the supervisor queue. Raises HandlerMayNotRate for the ticket's handler.

        `only_if_unowned`: does nothing when somebody owns it by now, as a supervisor's choice stands.
        """
        with self._db.transaction() as tx:
            task = repository.lock_task(tx.session, task_id)
            if only_if_unowned and (task.status is not CallbackStatus.WITH_PERSON or task.owner_person_id is not None):
                return
            if person_id is not None and is_kept_from(task.kind, task.handler_person_id, person_id):
                raise HandlerMayNotRate("who handled the ticket does not ask for its rating", task_id=task_id)
            if task.status is CallbackStatus.WITH_PERSON and task.owner_person_id == person_id:
                return
            self._next.move(tx, task, CallbackAction.ASSIGN, by=by_person_id or "system", owner_person_id=person_id)

    def finish_by_person(
        self,
        task_id: str,
        actor_person_id: str,
        is_supervisor: bool,
        note: str | None,
        solved: bool | None = None,
        satisfaction: int | None = None,
    ) -> None:
        """A person has called. A satisfaction task with no answer at all means: could not be reached;
        it ends without a rating, and the note says why. For other tasks the note is the result."""
        answers, now = Answers(solved, satisfaction), self._clock.now()
        with self._db.transaction() as tx:
            task = repository.lock_task(tx.session, task_id)
            _check_may_finish(task, actor_person_id, is_supervisor)
            text = (note or "").strip() or None
            ended = {"note": text, "finished_at": now, "finished_by_person_id": actor_person_id}
            if answers.is_empty:
                if text is None:
                    raise NoteNeeded("a task that ends without a rating needs a note", task_id=task_id)
                self._next.move(tx, task, CallbackAction.FINISH, by=actor_person_id, **ended)
                if task.ticket_id is not None:
                    tx.raise_event(CallbackGivenUp(task.id, task.ticket_id))
                return
            if task.kind is not CallbackKind.SATISFACTION:
                raise RatingWrong("this call asks for no rating", task_id=task_id)
            merged = answers.filled_up_from(known_answers(task))
            if not merged.count_as_rating:
                raise RatingIncomplete("both questions need an answer", task_id=task_id)
            self._next.move(tx, task, CallbackAction.FINISH, by=actor_person_id, **ended, **answer_columns(merged))
            self._next.rate(tx, task, merged, now, recorded_by_person_id=actor_person_id)

    # ---- reading

    def task(self, task_id: str) -> TaskFacts:
        with self._db.reading() as session:
            return repository.facts_of(repository.task(session, task_id))

    def rating(self, rating_id: str) -> RatingFacts:
        """The rating with its verdict by the present policy."""
        with self._db.reading() as session:
            row = repository.rating(session, rating_id)
            decision, reason = verdict(row.solved, row.satisfaction, self._policy.dissatisfied_from)
            return RatingFacts(
                id=row.id,
                task_id=row.task_id,
                ticket_id=row.ticket_id,
                round=row.round,
                solved=row.solved,
                satisfaction=row.satisfaction,
                source=row.source,
                recorded_by_person_id=row.recorded_by_person_id,
                at=row.at,
                verdict=decision,
                reason=reason,
            )

    # ---- inside one transaction

    def _claim(self, tx: Transaction, task: CallbackTask, telephony_id: str, now: datetime) -> Claim:
        self._next.move(tx, task, CallbackAction.CLAIM, by=telephony_id)
        attempt = CallbackAttempt(
            id=new_id(),
            task_id=task.id,
            number=repository.next_attempt_number(tx.session, task.id),
            state=AttemptState.CLAIMED,
            telephony_id=telephony_id,
            call_id=new_id(),
            claimed_at=now,
        )
        tx.session.add(attempt)
        tx.session.flush()
        return Claim(
            task_id=task.id,
            attempt_id=attempt.id,
            number=attempt.number,
            call_id=attempt.call_id,
            phone=task.phone,
            ticket_number=task.ticket_number,
            solved=task.solved,
            satisfaction=task.satisfaction,
        )

    def _release(self, attempt_id: str, seen_in: AttemptState) -> bool:
        now, disposition = self._clock.now(), recovered_disposition(seen_in)
        with self._db.transaction() as tx:
            task, attempt = repository.lock_attempt(tx.session, attempt_id)
            if not repository.recover_attempt(tx.session, attempt_id, seen_in, disposition, now):
                return False  # it has spoken since it was seen silent
            log.warning("callbacks.attempt.released", attempt_id=attempt_id, disposition=disposition)
            self._next.settle(tx, task, attempt, Answers(), now)
        return True


def _check_may_finish(task: CallbackTask, person_id: str, is_supervisor: bool) -> None:
    if is_kept_from(task.kind, task.handler_person_id, person_id):
        raise HandlerMayNotRate("who handled the ticket does not ask for its rating", task_id=task.id)
    if not is_supervisor and task.owner_person_id != person_id:
        raise CallbackTaskNotFound("there is no such callback task", task_id=task.id)
    if task.status is not CallbackStatus.WITH_PERSON:  # the table's other FINISH is the dialling machine's
        raise CallbackActionNotAllowed("this task is not with a person", task_id=task.id, status=task.status)
