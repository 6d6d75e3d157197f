"""Lists of callback tasks: a person's own, and all of them for supervisors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.views.keyset import decode_cursor, encode_cursor, is_older
from app.views.viewer import PersonRef, Viewer, person_ref
from app.views.work_list import WorkScope
from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import CallbackTaskNotFound
from callbacks.domain.lifecycle import CallbackKind, CallbackStatus, allowed_actions
from callbacks.models import AttemptState, CallbackAttempt, CallbackTask
from people.models import Person


@dataclass(frozen=True, slots=True)
class AttemptView:
    number: int
    state: AttemptState
    disposition: Disposition | None
    cause: str | None
    claimed_at: datetime
    dialled_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallbackTaskView:
    """Without an owner while `with_person`: the supervisor queue holds it."""

    id: str
    kind: CallbackKind
    status: CallbackStatus
    phone: str
    ticket_id: str | None
    ticket_number: str | None
    call_id: str | None
    owner: PersonRef | None
    due_at: datetime
    attempts: list[AttemptView]
    solved: bool | None
    satisfaction: int | None
    note: str | None
    allowed_actions: list[str]
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallbackTaskList:
    items: list[CallbackTaskView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CallbackFilter:
    scope: WorkScope = WorkScope.MINE
    status: CallbackStatus | None = None
    kind: CallbackKind | None = None
    cursor: str | None = None
    limit: int = 50


def callback_list(session: Session, viewer: Viewer, wanted: CallbackFilter) -> CallbackTaskList:
    """Newest first; an agent gets the tasks he owns, whatever he asks for."""
    query = _rows()
    if wanted.scope is WorkScope.MINE or not viewer.is_supervisor:
        query = query.where(CallbackTask.owner_person_id == viewer.person_id)
    elif wanted.scope is WorkScope.QUEUE:
        query = query.where(CallbackTask.owner_person_id.is_(None), CallbackTask.status == CallbackStatus.WITH_PERSON)
    if wanted.status:
        query = query.where(CallbackTask.status == wanted.status)
    if wanted.kind:
        query = query.where(CallbackTask.kind == wanted.kind)
    if wanted.cursor:
        created_at, task_id = decode_cursor(wanted.cursor, datetime, str)
        query = query.where(is_older(CallbackTask.created_at, CallbackTask.id, created_at, task_id))
    query = query.order_by(CallbackTask.created_at.desc(), CallbackTask.id.desc()).limit(wanted.limit + 1)
    found = session.execute(query).all()
    items = _views(session, viewer, found[: wanted.limit])
    more = len(found) > wanted.limit
    return CallbackTaskList(items, encode_cursor(items[-1].created_at, items[-1].id) if more else None)


def callback_task(session: Session, task_id: str, viewer: Viewer) -> CallbackTaskView:
    """Raises CallbackTaskNotFound unless the viewer owns the task or supervises."""
    query = _rows().where(CallbackTask.id == task_id)
    if not viewer.is_supervisor:
        query = query.where(CallbackTask.owner_person_id == viewer.person_id)
    found = session.execute(query).all()
    if not found:
        raise CallbackTaskNotFound
    return _views(session, viewer, found)[0]


def _rows() -> Select[*tuple[Any, ...]]:
    return select(CallbackTask, Person.display_name.label("owner_name")).outerjoin(
        Person, Person.id == CallbackTask.owner_person_id
    )


def _views(session: Session, viewer: Viewer, rows: Any) -> list[CallbackTaskView]:
    attempts = _attempts(session, [row.CallbackTask.id for row in rows])
    return [_view(row, viewer, attempts.get(row.CallbackTask.id, [])) for row in rows]


def _attempts(session: Session, task_ids: list[str]) -> dict[str, list[AttemptView]]:
    by_task: dict[str, list[AttemptView]] = {}
    if task_ids:
        query = select(CallbackAttempt).where(CallbackAttempt.task_id.in_(task_ids)).order_by(CallbackAttempt.number)
        for row in session.scalars(query):
            by_task.setdefault(row.task_id, []).append(
                AttemptView(
                    row.number, row.state, row.disposition, row.cause, row.claimed_at, row.dialled_at, row.ended_at
                )
            )
    return by_task


def _view(row: Any, viewer: Viewer, attempts: list[AttemptView]) -> CallbackTaskView:
    task: CallbackTask = row.CallbackTask
    return CallbackTaskView(
        id=task.id,
        kind=task.kind,
        status=task.status,
        phone=task.phone,
        ticket_id=task.ticket_id,
        ticket_number=task.ticket_number,
        call_id=task.call_id,
        owner=person_ref(task.owner_person_id, row.owner_name),
        due_at=task.due_at,
        attempts=attempts,
        solved=task.solved,
        satisfaction=task.satisfaction,
        note=task.note,
        allowed_actions=_allowed(task, viewer),
        created_at=task.created_at,
        finished_at=task.finished_at,
    )


def _allowed(task: CallbackTask, viewer: Viewer) -> list[str]:
    actions = allowed_actions(
        task.kind,
        task.status,
        owner_person_id=task.owner_person_id,
        handler_person_id=task.handler_person_id,
        person_id=viewer.person_id,
        is_supervisor=viewer.is_supervisor,
    )
    return [action.value for action in actions]
