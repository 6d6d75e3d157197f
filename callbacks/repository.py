"""Callback rows in and out. Every change of state is an UPDATE that names the state it was decided on.

Lock order everywhere: the task row first, then its attempts.
"""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from callbacks.domain.attempt import ATTEMPT_LIFE, LIVE_STATES, AttemptAction, AttemptState, KeyPress, SpokenAnswer
from callbacks.domain.disposition import UNREPORTED, Disposition
from callbacks.domain.errors import (
    CallbackActionNotAllowed,
    CallbackAttemptNotFound,
    CallbackTaskNotFound,
    RatingNotFound,
)
from callbacks.domain.lifecycle import CallbackAction, CallbackStatus, next_status
from callbacks.domain.rating import Answers
from callbacks.domain.task import TaskFacts
from callbacks.models import CallbackAttempt, CallbackTask, Rating


def add_task(session: Session, task: CallbackTask) -> str | None:
    """Insert it; the id of the task that was there before when its dedupe key is taken, else None."""
    existing = _task_id_of(session, task.dedupe_key)
    if existing:
        return existing
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:  # another transaction inserted it between the look and the leap
        existing = _task_id_of(session, task.dedupe_key)
        if existing is None:
            raise
        return existing
    return None


def _task_id_of(session: Session, dedupe_key: str) -> str | None:
    return session.scalar(select(CallbackTask.id).where(CallbackTask.dedupe_key == dedupe_key))


def task(session: Session, task_id: str) -> CallbackTask:
    found = session.get(CallbackTask, task_id)
    if found is None:
        raise CallbackTaskNotFound("there is no such callback task", task_id=task_id)
    return found


def lock_task(session: Session, task_id: str) -> CallbackTask:
    """The task as it is now; nobody else changes it before this transaction ends."""
    found = session.get(CallbackTask, task_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise CallbackTaskNotFound("there is no such callback task", task_id=task_id)
    return found


def lock_task_of_call(session: Session, call_id: str) -> CallbackTask | None:
    """The task of a missed or asking caller, locked like `lock_task` does."""
    task_id = _task_id_of(session, dedupe_key_of_call(call_id))
    return lock_task(session, task_id) if task_id else None


def dedupe_key_of_call(call_id: str) -> str:
    return f"call-{call_id}"


def lock_attempt(session: Session, attempt_id: str) -> tuple[CallbackTask, CallbackAttempt]:
    """Task and attempt as they are now, the task locked."""
    task_id = session.scalar(select(CallbackAttempt.task_id).where(CallbackAttempt.id == attempt_id))
    if task_id is None:
        raise CallbackAttemptNotFound("there is no such attempt", attempt_id=attempt_id)
    locked = lock_task(session, task_id)
    return locked, session.get_one(CallbackAttempt, attempt_id, populate_existing=True)


def move_task(session: Session, task: CallbackTask, action: CallbackAction, **values: Any) -> None:
    """Apply the action, if the task is still in the state that was read."""
    target = next_status(task.status, action)
    is_moved = _changed_one(
        session,
        update(CallbackTask)
        .where(CallbackTask.id == task.id, CallbackTask.status == task.status)
        .values(status=target, **values),
    )
    if not is_moved:
        raise CallbackActionNotAllowed("somebody else was faster", task_id=task.id, action=action)


def keep_answers(session: Session, task: CallbackTask, answers: Answers) -> None:
    session.execute(
        update(CallbackTask)
        .where(CallbackTask.id == task.id)
        .values(solved=answers.solved, satisfaction=answers.satisfaction)
    )


def is_any_due(session: Session, now: datetime) -> bool:
    due = select(CallbackTask.id).where(CallbackTask.status == CallbackStatus.PENDING, CallbackTask.due_at <= now)
    return session.scalar(due.limit(1)) is not None


def due_tasks(session: Session, now: datetime, limit: int) -> list[CallbackTask]:
    """Tasks to dial, the longest due first, locked; those another transaction holds are left to it."""
    return list(
        session.scalars(
            select(CallbackTask)
            .where(CallbackTask.status == CallbackStatus.PENDING, CallbackTask.due_at <= now)
            .order_by(CallbackTask.due_at, CallbackTask.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def live_attempt_count(session: Session) -> int:
    live = select(func.count()).select_from(CallbackAttempt).where(CallbackAttempt.state.in_(LIVE_STATES))
    return session.scalar(live) or 0


def next_attempt_number(session: Session, task_id: str) -> int:
    last = session.scalar(select(func.max(CallbackAttempt.number)).where(CallbackAttempt.task_id == task_id))
    return (last or 0) + 1


def history(session: Session, task_id: str) -> list[Disposition]:
    """Outcomes of the task's ended attempts, in order."""
    rows = session.scalars(
        select(CallbackAttempt.disposition)
        .where(CallbackAttempt.task_id == task_id, CallbackAttempt.state == AttemptState.ENDED)
        .order_by(CallbackAttempt.number)
    )
    return [disposition for disposition in rows if disposition is not None]


def silent_attempts(
    session: Session, *, telephony_id: str | None, silent_since: datetime
) -> list[tuple[str, AttemptState]]:
    """Live attempts of that process, or (None) of any that has said nothing since that instant; each with
    the state it was seen in."""
    rows = select(CallbackAttempt.id, CallbackAttempt.state).where(CallbackAttempt.state.in_(LIVE_STATES))
    if telephony_id is not None:
        rows = rows.where(CallbackAttempt.telephony_id == telephony_id)
    else:
        last_sign = func.coalesce(CallbackAttempt.dialled_at, CallbackAttempt.claimed_at)
        rows = rows.where(last_sign <= silent_since)
    ordered = rows.order_by(CallbackAttempt.claimed_at, CallbackAttempt.id)
    return [(attempt_id, state) for attempt_id, state in session.execute(ordered)]


def mark_dialling(session: Session, attempt_id: str, now: datetime) -> bool:
    """True for exactly one caller, and only while the attempt has not been released."""
    return _changed_one(
        session,
        update(CallbackAttempt)
        .where(CallbackAttempt.id == attempt_id, CallbackAttempt.state.in_(_states_before(AttemptAction.DIAL)))
        .values(state=AttemptState.DIALLING, dialled_at=now),
    )


def recover_attempt(
    session: Session, attempt_id: str, seen_in: AttemptState, disposition: Disposition, now: datetime
) -> bool:
    """End it on behalf of its silent process; False when that process has spoken meanwhile."""
    return _changed_one(
        session,
        update(CallbackAttempt)
        .where(CallbackAttempt.id == attempt_id, CallbackAttempt.state == seen_in)
        .values(state=AttemptState.ENDED, disposition=disposition, ended_at=now),
    )


def withdraw_claims(session: Session, task_id: str, now: datetime) -> None:
    """Nothing is left to ask: an attempt that has not dialled yet must not."""
    session.execute(
        update(CallbackAttempt)
        .where(CallbackAttempt.task_id == task_id, CallbackAttempt.state == AttemptState.CLAIMED)
        .values(state=AttemptState.ENDED, disposition=Disposition.NOT_DIALLED, ended_at=now)
    )


def end_attempt(session: Session, attempt_id: str, now: datetime, **report: Any) -> bool:
    """End a live attempt with what its process reports; False when it was not live any more."""
    return _changed_one(
        session,
        update(CallbackAttempt)
        .where(CallbackAttempt.id == attempt_id, CallbackAttempt.state.in_(_states_before(AttemptAction.END)))
        .values(state=AttemptState.ENDED, ended_at=now, **report),
    )


def complete_attempt(session: Session, attempt_id: str, **report: Any) -> bool:
    """Add a late report to an attempt that was ended without one; False when it has had its report."""
    return _changed_one(
        session,
        update(CallbackAttempt)
        .where(
            CallbackAttempt.id == attempt_id,
            CallbackAttempt.state == AttemptState.ENDED,
            CallbackAttempt.disposition.in_(UNREPORTED),
        )
        .values(**report),
    )


def rating(session: Session, rating_id: str) -> Rating:
    found = session.get(Rating, rating_id)
    if found is None:
        raise RatingNotFound("there is no such rating", rating_id=rating_id)
    return found


def facts_of(task: CallbackTask) -> TaskFacts:
    return TaskFacts(**{each.name: getattr(task, each.name) for each in fields(TaskFacts)})


def digits_as_json(digits: Iterable[KeyPress]) -> list[dict[str, Any]]:
    return [{"digit": press.digit, "at_ms": press.at_ms} for press in digits]


def voice_answers_as_json(answers: Iterable[SpokenAnswer]) -> list[dict[str, Any]]:
    return [
        {
            "question": answer.question,
            "phrase": answer.phrase,
            "confidence": answer.confidence,
            "start_ms": answer.start_ms,
            "end_ms": answer.end_ms,
            "verdict": str(answer.verdict),
        }
        for answer in answers
    ]


def _states_before(action: AttemptAction) -> list[AttemptState]:
    return [state for state, allowed in ATTEMPT_LIFE if allowed is action]


def _changed_one(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
