"""Recordings: shapes shared by the ticket page and the call log, and whose they are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from asr.domain.masking import can_be_masked
from asr.models import Transcript
from asr.review_repository import open_until
from ivr.models import MessageQuality, Recording, VoiceMessage
from kit.errors import NotFound
from ticketing.models import Ticket


class RecordingNotFound(NotFound):
    """No such recording, or not for this person's ears: the two are not told apart."""

    code = "recording.not_found"


@dataclass(frozen=True, slots=True)
class RecordingView:
    """`can_be_masked`: if not, there is only the original. `original_until`: this viewer has opened it."""

    id: str
    audio_url: str
    duration_ms: int
    size_bytes: int
    sample_rate: int
    is_partial: bool
    started_at: datetime
    can_be_masked: bool
    original_until: datetime | None


@dataclass(frozen=True, slots=True)
class MessageView:
    id: str
    quality: MessageQuality
    duration_ms: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks at a recording, when, and whether he may open the original of this one."""

    person_id: str
    at: datetime
    may_open_original: bool


@dataclass(frozen=True, slots=True)
class AudioFile:
    """Where the bytes of a recording are. `ticket_id`: whose sight of the ticket decides who may listen."""

    recording_id: str
    ticket_id: str | None
    file_key: str
    size_bytes: int
    sha256: str


def audio_file(session: Session, recording_id: str) -> AudioFile:
    """Raises RecordingNotFound. A recording without a ticket is for supervisors alone."""
    found = _audio(session, Recording.id == recording_id)
    if found is None:
        raise RecordingNotFound
    return found


def audio_of_ticket(session: Session, ticket_id: str) -> AudioFile | None:
    return _audio(session, Ticket.id == ticket_id)


def _audio(session: Session, which: ColumnElement[bool]) -> AudioFile | None:
    query = (
        select(Recording, Ticket.id)
        .outerjoin(VoiceMessage, VoiceMessage.recording_id == Recording.id)
        .outerjoin(Ticket, Ticket.voice_message_id == VoiceMessage.id)
        .where(which)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    recording, ticket_id = found
    return AudioFile(recording.id, ticket_id, recording.file_key, recording.size_bytes, recording.sha256)


def recordings_of_call(session: Session, call_id: str, looker: Looker) -> list[RecordingView]:
    rows = session.scalars(select(Recording).where(Recording.call_id == call_id).order_by(Recording.started_at))
    return [recording_view(session, row, looker) for row in rows]


def recording_view(session: Session, row: Recording, looker: Looker) -> RecordingView:
    status = session.scalar(select(Transcript.status).where(Transcript.recording_id == row.id))
    return RecordingView(
        id=row.id,
        audio_url=f"/api/v1/recordings/{row.id}/audio",
        duration_ms=row.duration_ms,
        size_bytes=row.size_bytes,
        sample_rate=row.sample_rate,
        is_partial=row.is_partial,
        started_at=row.started_at,
        can_be_masked=can_be_masked(status),
        original_until=open_until(session, row.id, looker.person_id, looker.at) if looker.may_open_original else None,
    )


def message_view(row: VoiceMessage) -> MessageView:
    return MessageView(row.id, row.quality, row.duration_ms, row.received_at)
