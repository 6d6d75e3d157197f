"""The part of telling others that is the same whatever is told: who takes a due row, and how a try ends."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from intake.domain.delivery import Delivery, DeliveryStatus, wait_before_try
from intake.models import CtiPush, WebhookDelivery

Kind = type[WebhookDelivery] | type[CtiPush]

_AT_ONCE = 20
"""Deliveries of one round: tried by four threads within five seconds each, they end before the lease does."""


def due_rows(kind: Kind, now: datetime) -> Select[str, datetime]:
    """Ids and due instants, oldest first; who takes them may narrow it down."""
    return (
        select(kind.id, kind.due_at)
        .where(kind.status == DeliveryStatus.WAITING, kind.due_at <= now)
        .order_by(kind.due_at)
        .limit(_AT_ONCE)
    )


def take(session: Session, kind: Kind, due: Select[str, datetime], now: datetime, lease: timedelta) -> list[str]:
    """Ids of those that nobody else takes until the lease is over. Each try counts when it begins."""
    taken = []
    for delivery_id, due_at in session.execute(due).all():
        moved = session.execute(
            update(kind)
            .where(kind.id == delivery_id, kind.due_at == due_at, kind.status == DeliveryStatus.WAITING)
            .values(due_at=now + lease, tries=kind.tries + 1)
            .returning(kind.id)
        )
        if moved.first() is not None:
            taken.append(delivery_id)
    return taken


def end_try(
    session: Session, kind: Kind, delivery: Delivery, answer: str, now: datetime, *, is_heard: bool
) -> DeliveryStatus:
    """How a try ended: heard, to be tried again, or given up. What somebody finished meanwhile stays as it is."""
    wait = None if is_heard else wait_before_try(delivery.tries)
    status = DeliveryStatus.DELIVERED if is_heard else DeliveryStatus.WAITING if wait else DeliveryStatus.GIVEN_UP
    session.execute(
        update(kind)
        .where(kind.id == delivery.id, kind.status == DeliveryStatus.WAITING)
        .values(
            status=status,
            last_answer=answer[:64],
            due_at=now + (wait or timedelta()),
            delivered_at=now if is_heard else None,
        )
    )
    return status


def put_back(session: Session, kind: Kind, delivery: Delivery, now: datetime) -> None:
    """It was taken and not tried after all: as if nobody had taken it."""
    session.execute(
        update(kind)
        .where(kind.id == delivery.id, kind.status == DeliveryStatus.WAITING, kind.tries == delivery.tries)
        .values(due_at=now, tries=kind.tries - 1)
    )
