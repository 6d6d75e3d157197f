"""Callback tasks that people do: missed and asking callers, and citizens the system could not reach."""

from fastapi import APIRouter

from app.api.access import RoleMissing, ServicesDep, SupervisorDep, ViewerDep
from app.api.problems import refusals
from app.api.schemas import AssignBody, Cursor, FinishCallbackBody, Limit, PathId
from app.views.administration import must_be_active
from app.views.callback_list import CallbackFilter, CallbackTaskList, CallbackTaskView, callback_list, callback_task
from app.views.work_list import WorkScope
from callbacks.domain.lifecycle import CallbackKind, CallbackStatus

router = APIRouter(prefix="/callback-tasks", tags=["callback-tasks"])


@router.get("", responses=refusals(401, 403, 422))
def list_callback_tasks(
    viewer: ViewerDep,
    services: ServicesDep,
    scope: WorkScope = WorkScope.MINE,
    status: CallbackStatus | None = None,
    kind: CallbackKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CallbackTaskList:
    """Newest first. Scopes other than `mine` are for supervisors."""
    if scope is not WorkScope.MINE and not viewer.is_supervisor:
        raise RoleMissing
    with services.db.reading() as session:
        return callback_list(session, viewer, CallbackFilter(scope, status, kind, cursor, limit))


@router.post("/{task_id}/finish", responses=refusals(401, 403, 404, 409, 422))
def finish_callback_task(
    task_id: PathId, body: FinishCallbackBody, viewer: ViewerDep, services: ServicesDep
) -> CallbackTaskView:
    """The call was made, or will never be: `note` says what came of it."""
    services.callbacks.finish_by_person(
        task_id,
        actor_person_id=viewer.person_id,
        is_supervisor=viewer.is_supervisor,
        note=body.note,
        solved=body.solved,
        satisfaction=body.satisfaction,
    )
    with services.db.reading() as session:
        return callback_task(session, task_id, viewer)


@router.post("/{task_id}/assign", responses=refusals(401, 403, 404, 409, 422))
def assign_callback_task(
    task_id: PathId, body: AssignBody, viewer: SupervisorDep, services: ServicesDep
) -> CallbackTaskView:
    """Make a person its owner."""
    with services.db.reading() as session:
        must_be_active(session, body.person_id)
    services.callbacks.set_owner(task_id, body.person_id, by_person_id=viewer.person_id)
    with services.db.reading() as session:
        return callback_task(session, task_id, viewer)
