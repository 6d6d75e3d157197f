"""The call log, for supervisors."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.access import ServicesDep, SupervisorDep
from app.api.problems import refusals
from app.api.schemas import Cursor, Instant, Limit, PathId, QueryText
from app.views.call_log import CallFilter, CallList, CallPage, call_list, call_page
from app.views.outside_calls import OutsideAgent, outside_agents
from app.views.recordings import Looker
from ivr.domain.call import CallDirection, CallOutcome

_STATE_KEPT = timedelta(days=1)

router = APIRouter(prefix="/calls", tags=["calls"])


@router.get("", responses=refusals(401, 403, 422))
def list_calls(
    _viewer: SupervisorDep,
    services: ServicesDep,
    from_at: Annotated[Instant | None, Query(alias="from")] = None,
    to_at: Annotated[Instant | None, Query(alias="to")] = None,
    outcome: CallOutcome | None = None,
    direction: CallDirection | None = None,
    caller: QueryText = None,
    emergency: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CallList:
    """Newest first; [from, to) on the start of the call, `caller` any part of the number; `emergency`: only
    those in which words of danger were heard."""
    wanted = CallFilter(from_at, to_at, outcome, direction, caller or None, emergency, cursor, limit)
    with services.db.reading() as session:
        return call_list(session, wanted)


@router.get("/outside-agents", responses=refusals(401, 403))
def list_outside_agents(_viewer: SupervisorDep, services: ServicesDep) -> list[OutsideAgent]:
    """Agents of other telephone systems, each with the last state it was said to be in within a day."""
    with services.db.reading() as session:
        return outside_agents(session, services.clock.now() - _STATE_KEPT)


@router.get("/{call_id}", responses=refusals(401, 403, 404))
def get_call(call_id: PathId, viewer: SupervisorDep, services: ServicesDep) -> CallPage:
    with services.db.reading() as session:
        return call_page(session, call_id, Looker(viewer.person_id, services.clock.now(), may_open_original=True))
