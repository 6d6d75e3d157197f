"""How an uploaded message stands, as its client may know it: like a parcel, without a word of its text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from asr.models import Transcript
from intake.domain.delivery import FAILED_STAGE
from intake.domain.errors import UploadNotFound
from intake.domain.upload import UploadStatus
from intake.models import IntakeClient, VoiceUpload, WebhookDelivery
from ivr.models import VoiceMessage
from ticketing.domain.lifecycle import TicketStatus
from ticketing.models import Ticket

_AT_ONCE = 200
_REFERRED_AT_ONCE = 10_000
"""More than one client's dead host can fill within the hour for which it is asked again."""
_LOOK_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class UploadedTicket:
    number: str
    status: TicketStatus
    round: int


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """`ticket`: None until it has one. `failure_code`: why its sound could not be had; it has a ticket all the same."""

    id: str
    external_id: str
    status: UploadStatus
    failure_code: str | None
    received_at: datetime
    is_transcribed: bool
    ticket: UploadedTicket | None


def upload_progress(session: Session, upload_id: str, client_id: str | None = None) -> UploadProgress:
    """Raises UploadNotFound, also for another client's when `client_id` names one."""
    query = (
        select(VoiceUpload, Ticket)
        .outerjoin(Ticket, Ticket.voice_message_id == VoiceUpload.id)
        .where(VoiceUpload.id == upload_id)
    )
    found = session.execute(query).one_or_none()
    if found is None or client_id not in (None, found[0].client_id):
        raise UploadNotFound("no such message")
    upload: VoiceUpload = found[0]
    ticket: Ticket | None = found[1]
    return UploadProgress(
        id=upload.id,
        external_id=upload.external_id,
        status=upload.status,
        failure_code=upload.failure_code,
        received_at=upload.received_at,
        is_transcribed=_is_transcribed(session, upload_id),
        ticket=UploadedTicket(ticket.number, ticket.status, ticket.round) if ticket is not None else None,
    )


def stage_of(progress: UploadProgress) -> tuple[str, int]:
    """What a client is told of next: stage and round. Nothing ("", 0) before there is a ticket."""
    if progress.ticket is None:
        return "", 0
    if progress.status is UploadStatus.UNREADABLE and progress.ticket.status is TicketStatus.NEW:
        return FAILED_STAGE, progress.ticket.round
    return progress.ticket.status.value, progress.ticket.round


def open_uploads(session: Session, before: datetime) -> list[str]:
    """Ids of uploads that came in before that instant and whose sound is here, but was not taken in."""
    query = (
        select(VoiceUpload.id)
        .where(VoiceUpload.status == UploadStatus.RECEIVED, VoiceUpload.received_at < before)
        .order_by(VoiceUpload.received_at)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def referred_uploads(session: Session, now: datetime, caller_within: timedelta) -> list[tuple[str, str]]:
    """Ids and addresses of uploads whose sound is still to be fetched, oldest first.

    The recording of a call whose caller nobody named yet waits a little for an event that does.
    """
    query = (
        select(VoiceUpload.id, VoiceUpload.source_url)
        .where(VoiceUpload.status == UploadStatus.REFERRED, VoiceUpload.source_url.is_not(None))
        .where(or_(VoiceUpload.caller != "", VoiceUpload.received_at <= now - caller_within))
        .order_by(VoiceUpload.received_at)
        .limit(_REFERRED_AT_ONCE)
    )
    return [(upload_id, url) for upload_id, url in session.execute(query) if url is not None]


def untold_uploads(session: Session, before: datetime) -> list[str]:
    """Ids of uploads whose client wants to hear of the stage that their ticket has reached, and was not told."""
    told = exists().where(
        WebhookDelivery.upload_id == VoiceUpload.id,
        WebhookDelivery.round == Ticket.round,
        or_(
            WebhookDelivery.stage == Ticket.status,
            and_(WebhookDelivery.stage == FAILED_STAGE, Ticket.status == TicketStatus.NEW),
        ),
    )
    query = (
        select(VoiceUpload.id)
        .join(IntakeClient, IntakeClient.id == VoiceUpload.client_id)
        .join(Ticket, Ticket.voice_message_id == VoiceUpload.id)
        .where(IntakeClient.webhook_url.is_not(None), IntakeClient.is_active)
        .where(Ticket.updated_at >= before - _LOOK_BACK, Ticket.updated_at < before, ~told)
        .order_by(Ticket.updated_at)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def _is_transcribed(session: Session, upload_id: str) -> bool:
    query = select(exists().where(VoiceMessage.id == upload_id, Transcript.recording_id == VoiceMessage.recording_id))
    return bool(session.scalar(query))
