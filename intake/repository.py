"""Clients and uploads in the books, and what their clients are told of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake.delivery_repository import due_rows, take
from intake.domain.delivery import DeliveryFacts, DeliveryStatus
from intake.domain.errors import ClientNameTaken, UploadNotFound
from intake.domain.upload import UPLOAD_LIFE, UploadAction, UploadFacts, UploadStatus, statuses_before
from intake.models import IntakeClient, VoiceUpload, WebhookDelivery
from kit.ids import new_id


def add_client(session: Session, client: IntakeClient) -> None:
    """Raises ClientNameTaken."""
    try:
        with session.begin_nested():
            session.add(client)
    except IntegrityError as error:
        raise ClientNameTaken("there is a client of this name", name=client.name) from error


def clients(session: Session) -> list[IntakeClient]:
    return list(session.scalars(select(IntakeClient).order_by(IntakeClient.name)))


def active_client_by_token(session: Session, token_hash: str) -> IntakeClient | None:
    return session.scalar(select(IntakeClient).where(IntakeClient.token_hash == token_hash, IntakeClient.is_active))


def active_client_by_id(session: Session, client_id: str) -> IntakeClient | None:
    return session.scalar(select(IntakeClient).where(IntakeClient.id == client_id, IntakeClient.is_active))


def revoke(session: Session, name: str) -> bool:
    """Whether there was an active one."""
    moved = session.execute(
        update(IntakeClient)
        .where(IntakeClient.name == name, IntakeClient.is_active)
        .values(is_active=False)
        .returning(IntakeClient.id)
    )
    return moved.first() is not None


def upload(session: Session, upload_id: str) -> VoiceUpload:
    """Raises UploadNotFound."""
    row = session.get(VoiceUpload, upload_id)
    if row is None:
        raise UploadNotFound("no such message")
    return row


def status_of(session: Session, upload_id: str) -> UploadStatus | None:
    return session.scalar(select(VoiceUpload.status).where(VoiceUpload.id == upload_id))


def call_of(session: Session, upload_id: str) -> str | None:
    return session.scalar(select(VoiceUpload.call_id).where(VoiceUpload.id == upload_id))


def uploads_since(session: Session, client_id: str, since: datetime) -> int:
    """Those that it left itself; the recordings of its calls are limited as events."""
    query = select(func.count()).where(
        VoiceUpload.client_id == client_id, VoiceUpload.received_at >= since, VoiceUpload.call_id.is_(None)
    )
    return session.scalar(query) or 0


def move(session: Session, upload_id: str, action: UploadAction, **values: object) -> bool:
    """Apply an action to an upload that allows it; False when it has moved on."""
    for before in statuses_before(action):
        moved = session.execute(
            update(VoiceUpload)
            .where(VoiceUpload.id == upload_id, VoiceUpload.status == before)
            .values(status=UPLOAD_LIFE[before, action], **values)
            .returning(VoiceUpload.id)
        )
        if moved.first() is not None:
            return True
    return False


def facts(row: VoiceUpload) -> UploadFacts:
    return UploadFacts(
        id=row.id,
        client_id=row.client_id,
        external_id=row.external_id,
        status=UploadStatus(row.status),
        caller=row.caller,
        line=row.line,
        call_id=row.call_id,
        opens_ticket=row.opens_ticket,
        is_talk=row.is_talk,
        recorded_at=row.recorded_at,
        received_at=row.received_at,
        file_key=row.file_key,
        duration_ms=row.duration_ms,
        source_url=row.source_url,
        failure_code=row.failure_code,
    )


def webhook_url_of(session: Session, upload_id: str) -> str | None:
    """Where this upload's client wants to be told; None: nowhere, or there is no such upload."""
    return session.scalar(
        select(IntakeClient.webhook_url)
        .join(VoiceUpload, VoiceUpload.client_id == IntakeClient.id)
        .where(VoiceUpload.id == upload_id, IntakeClient.is_active)
    )


def add_delivery(session: Session, upload_id: str, stage: str, round_no: int, now: datetime) -> bool:
    """False when this was planned before."""
    try:
        with session.begin_nested():
            session.add(
                WebhookDelivery(
                    id=new_id(), upload_id=upload_id, stage=stage, round=round_no,
                    status=DeliveryStatus.WAITING, tries=0, due_at=now, created_at=now,
                )
            )  # fmt: skip
    except IntegrityError:
        return False
    return True


def take_due_deliveries(
    session: Session, now: datetime, lease: timedelta, resting: Sequence[str]
) -> list[DeliveryFacts]:
    """Due ones, oldest first; nobody else takes them until the lease is over. Each try counts when it begins."""
    due = (
        due_rows(WebhookDelivery, now)
        .join(VoiceUpload, VoiceUpload.id == WebhookDelivery.upload_id)
        .join(IntakeClient, IntakeClient.id == VoiceUpload.client_id)
        .where(IntakeClient.is_active, IntakeClient.webhook_url.not_in(resting))
    )
    query = (
        select(WebhookDelivery, IntakeClient.webhook_url, IntakeClient.secret)
        .join(VoiceUpload, VoiceUpload.id == WebhookDelivery.upload_id)
        .join(IntakeClient, IntakeClient.id == VoiceUpload.client_id)
        .where(WebhookDelivery.id.in_(take(session, WebhookDelivery, due, now, lease)))
        .order_by(WebhookDelivery.created_at)
    )
    return [
        DeliveryFacts(row.id, row.upload_id, row.stage, row.round, row.tries, url or "", secret)
        for row, url, secret in session.execute(query)
    ]
