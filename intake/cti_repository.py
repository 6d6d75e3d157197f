"""Who hears of our calls, and what he is still to hear, in the books."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from intake.delivery_repository import due_rows, take
from intake.domain.cti import CtiEvent
from intake.domain.delivery import DeliveryStatus
from intake.domain.errors import CtiTargetNameTaken
from intake.models import CtiPush, CtiTarget
from kit.ids import new_id


def add_target(session: Session, target: CtiTarget) -> None:
    """Raises CtiTargetNameTaken."""
    try:
        with session.begin_nested():
            session.add(target)
    except IntegrityError as error:
        raise CtiTargetNameTaken("there is, or was, a target of this name", name=target.name) from error


def targets(session: Session) -> list[CtiTarget]:
    return list(session.scalars(select(CtiTarget).order_by(CtiTarget.name)))


def deactivate(session: Session, name: str) -> bool:
    """Whether there was an active one."""
    moved = session.execute(
        update(CtiTarget)
        .where(CtiTarget.name == name, CtiTarget.is_active)
        .values(is_active=False)
        .returning(CtiTarget.id)
    )
    return moved.first() is not None


def is_any_active(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(CtiTarget.is_active))))


def add_pushes(
    session: Session, call_id: str, started_at: datetime, events: Sequence[tuple[int, CtiEvent]], now: datetime
) -> None:
    """Those that were not planned before. Whoever calls this holds the call's turn."""
    known = {
        (target_id, position)
        for target_id, position in session.execute(
            select(CtiPush.target_id, CtiPush.position).where(CtiPush.call_id == call_id)
        )
    }
    listening = select(CtiTarget.id).where(CtiTarget.is_active, CtiTarget.created_at <= started_at)
    for target_id in session.scalars(listening).all():
        for position, event in events:
            if (target_id, position) not in known:
                session.add(
                    CtiPush(
                        id=new_id(), target_id=target_id, call_id=call_id, event=event, position=position,
                        status=DeliveryStatus.WAITING, tries=0, due_at=now, created_at=now,
                    )
                )  # fmt: skip
    session.flush()


def take_due(session: Session, now: datetime, lease: timedelta, resting: Sequence[str]) -> list[tuple[CtiPush, str]]:
    """With their addresses. What comes after something that still waits is not due, whatever its row says."""
    earlier = aliased(CtiPush)
    is_first = ~exists().where(
        earlier.target_id == CtiPush.target_id,
        earlier.call_id == CtiPush.call_id,
        earlier.position < CtiPush.position,
        earlier.status == DeliveryStatus.WAITING,
    )
    due = (
        due_rows(CtiPush, now)
        .join(CtiTarget, CtiTarget.id == CtiPush.target_id)
        .where(CtiTarget.is_active, CtiTarget.url.not_in(resting), is_first)
    )
    query = (
        select(CtiPush, CtiTarget.url)
        .join(CtiTarget, CtiTarget.id == CtiPush.target_id)
        .where(CtiPush.id.in_(take(session, CtiPush, due, now, lease)))
        .order_by(CtiPush.created_at, CtiPush.position)
    )
    return [(row, url) for row, url in session.execute(query)]


def give_up_rest(session: Session, push_id: str) -> None:
    """What waits for the same target about the same call: nobody there knows the call."""
    given_up = session.get_one(CtiPush, push_id)
    session.execute(
        update(CtiPush)
        .where(CtiPush.target_id == given_up.target_id, CtiPush.call_id == given_up.call_id)
        .where(CtiPush.status == DeliveryStatus.WAITING)
        .values(status=DeliveryStatus.GIVEN_UP)
    )
