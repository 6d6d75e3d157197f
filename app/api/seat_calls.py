"""Calls with people: my phone, my call and what I want of it, the wrap-up; for supervisors the wallboard."""

from datetime import datetime

from fastapi import APIRouter

from app.api.access import ServicesDep, SupervisorDep, ViewerDep
from app.api.problems import refusals
from app.api.schemas import PathId, PhoneBody, SeatOrderBody, WrapUpBody
from app.views.duty_board import PresenceView, presence_of
from app.views.seat_calls import SeatCallView, Wallboard, my_seat_call, wallboard
from ivr.seat_ports import SUPERVISOR_ORDERS, SeatOrderKind
from ticketing.domain.errors import NumberNotAllowed, SeatCallNotFound

router = APIRouter(tags=["seat calls"])


@router.put("/me/phone", responses=refusals(401, 403, 422))
def set_phone(body: PhoneBody, viewer: ViewerDep, services: ServicesDep) -> PresenceView:
    """Where calls for me ring; null: nowhere, so I get none. A browser can only be my own, a number must be allowed."""
    if body.phone is not None and body.phone.removeprefix("+").isdecimal():
        _must_be_allowed(body.phone, services)
    services.duty.set_phone(viewer.person_id, body.phone)
    with services.db.reading() as session:
        return presence_of(session, viewer.person_id)


@router.get("/seat-calls/mine", responses=refusals(401))
def get_my_call(viewer: ViewerDep, services: ServicesDep) -> SeatCallView | None:
    """The call that rings at me, that I am in, or that I write about; null: none."""
    with services.db.reading() as session:
        return my_seat_call(session, viewer.person_id, services.policy.assignment.wrap_up_s)


@router.get("/seat-calls", responses=refusals(401, 403))
def get_wallboard(viewer: SupervisorDep, services: ServicesDep) -> Wallboard:
    """The line, the talks, and today's figures so far."""
    now = services.clock.now()
    with services.db.reading() as session:
        return wallboard(
            session,
            viewer.person_id,
            now,
            _midnight(now, services),
            wrap_up_s=services.policy.assignment.wrap_up_s,
            grace_s=services.policy.assignment.presence_grace_s,
        )


@router.post("/seat-calls/{call_id}/orders", status_code=204, responses=refusals(401, 403, 404, 409, 422))
def give_order(call_id: PathId, body: SeatOrderBody, viewer: ViewerDep, services: ServicesDep) -> None:
    """Hold, mute, pause the recording, bring somebody in, hang up; supervisors: listen, whisper, barge.

    Kept with who gave it; the talk's process takes it within a moment.
    """
    is_supervisors = body.kind in SUPERVISOR_ORDERS
    if is_supervisors and not viewer.is_supervisor:
        raise SeatCallNotFound
    target = body.target
    if is_supervisors:
        presence = services.duty.presence(viewer.person_id)
        target = (presence.phone if presence is not None else None) or ""
    if body.kind is SeatOrderKind.INVITE:
        _must_be_allowed(target, services)
    if body.kind is SeatOrderKind.TRANSFER:
        services.duty.desk(target)
    services.seat_calls.order(call_id, viewer.person_id, body.kind, target, is_supervisor=is_supervisors)


@router.post("/seat-calls/{call_id}/wrap-up", status_code=204, responses=refusals(401, 403, 404, 409, 422))
def wrap_up(call_id: PathId, body: WrapUpBody, viewer: ViewerDep, services: ServicesDep) -> None:
    """What the talk was about; then I am free for the next call."""
    services.seat_calls.wrap_up(call_id, viewer.person_id, body.code, body.note)


def _must_be_allowed(number: str, services: ServicesDep) -> None:
    """Raises NumberNotAllowed."""
    if not services.policy.call.dialling.allows(number):
        raise NumberNotAllowed


def _midnight(now: datetime, services: ServicesDep) -> datetime:
    return now.astimezone(services.policy.zone).replace(hour=0, minute=0, second=0, microsecond=0)
