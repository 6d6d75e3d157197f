"""Who is on duty: my presence, the duty board, and the roster of desks, seats and shifts."""

import math
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.access import ServicesDep, SupervisorDep, ViewerDep
from app.api.problems import refusals
from app.api.schemas import Created, EndShiftBody, Instant, NewDeskBody, NewSeatBody, NewShiftBody, PathId, PresenceBody
from app.bootstrap import Services
from app.views.administration import (
    DeskView,
    SeatView,
    ShiftView,
    desk_list,
    must_be_active,
    seat_list,
    shift_list,
)
from app.views.duty_board import DutyBoard, PresenceView, UncoveredSpan, duty_board, presence_of
from ticketing.domain.duty_roster import Gap

router = APIRouter(tags=["duty"])

_AHEAD = timedelta(hours=24)
_SHIFTS_SHOWN = timedelta(days=31)


@router.put("/presence", responses=refusals(401, 403, 422))
def set_presence(body: PresenceBody, viewer: ViewerDep, services: ServicesDep) -> PresenceView:
    """Available: work may be offered to me. Away: it goes to the next in line."""
    services.duty.set_presence(viewer.person_id, body.state)
    with services.db.reading() as session:
        return presence_of(session, viewer.person_id)


@router.get("/duty", responses=refusals(401))
def get_duty_board(viewer: ViewerDep, services: ServicesDep) -> DutyBoard:
    """Who is A and B of every seat now; for supervisors also what nobody covers in the next 24 hours."""
    uncovered = _uncovered(services) if viewer.is_supervisor else None
    with services.db.reading() as session:
        return duty_board(session, services.clock.now(), uncovered)


@router.get("/desks", responses=refusals(401, 403))
def list_desks(_viewer: SupervisorDep, services: ServicesDep) -> list[DeskView]:
    with services.db.reading() as session:
        return desk_list(session)


@router.post("/desks", status_code=201, responses=refusals(401, 403, 409, 422))
def add_desk(body: NewDeskBody, _viewer: SupervisorDep, services: ServicesDep) -> Created:
    return Created(id=services.duty.add_desk(body.name, is_intake=body.is_intake))


@router.get("/seats", responses=refusals(401, 403))
def list_seats(_viewer: SupervisorDep, services: ServicesDep) -> list[SeatView]:
    with services.db.reading() as session:
        return seat_list(session)


@router.post("/seats", status_code=201, responses=refusals(401, 403, 404, 409, 422))
def add_seat(body: NewSeatBody, _viewer: SupervisorDep, services: ServicesDep) -> Created:
    return Created(id=services.duty.add_seat(body.desk_id, body.name, position=body.position))


@router.get("/shifts", responses=refusals(401, 403, 422))
def list_shifts(
    _viewer: SupervisorDep,
    services: ServicesDep,
    from_at: Annotated[Instant | None, Query(alias="from")] = None,
    to_at: Annotated[Instant | None, Query(alias="to")] = None,
) -> list[ShiftView]:
    """Shifts that touch [from, to); without them: from now, one month ahead."""
    start = from_at or services.clock.now()
    with services.db.reading() as session:
        return shift_list(session, start, to_at or start + _SHIFTS_SHOWN)


@router.post("/shifts", status_code=201, responses=refusals(401, 403, 404, 409, 422))
def add_shift(body: NewShiftBody, _viewer: SupervisorDep, services: ServicesDep) -> Created:
    with services.db.reading() as session:
        must_be_active(session, body.a_person_id, body.b_person_id)
    shift_id = services.duty.add_shift(
        body.seat_id,
        body.starts_at,
        body.ends_at,
        a_person_id=body.a_person_id,
        b_person_id=body.b_person_id,
    )
    return Created(id=shift_id)


@router.post("/shifts/{shift_id}/end", status_code=204, responses=refusals(401, 403, 404, 409, 422))
def end_shift(shift_id: PathId, body: EndShiftBody, _viewer: SupervisorDep, services: ServicesDep) -> None:
    """Set when a shift ends: to correct it, or to end one that ran until further notice."""
    services.duty.end_shift(shift_id, body.ends_at)


def _uncovered(services: Services) -> list[UncoveredSpan]:
    now = services.clock.now()
    with services.db.reading() as session:
        desks = desk_list(session)
    return [
        UncoveredSpan(desk.id, desk.name, gap.starts_at, gap.ends_at, _minutes(gap))
        for desk in desks
        for gap in services.duty.uncovered(desk.id, now, now + _AHEAD)
    ]


def _minutes(gap: Gap) -> int:
    return math.ceil((gap.ends_at - gap.starts_at).total_seconds() / 60)
