"""Recordings and what was heard in them: shapes shared by the ticket page and the call log, and who may listen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from asr.domain.transcript import TranscriptStatus
from asr.models import Transcript
from ivr.models import MessageQuality, Recording, VoiceMessage
from kit.errors import NotFound
from ticketing.models import Ticket


class RecordingNotFound(NotFound):
    """No such recording, or not for this person's ears: the two are not told apart."""

    code = "recording.not_found"


@dataclass(frozen=True, slots=True)
class RecordingView:
    id: str
    audio_url: str
    duration_ms: int
    size_bytes: int
    sample_rate: int
    is_partial: bool
    started_at: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    id: str
    quality: MessageQuality
    duration_ms: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class WordView:
    """One recognised word: [start_ms, end_ms) from the start of the recording, confidence 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class TranscriptView:
    status: TranscriptStatus
    text: str
    words: list[WordView]
    mean_confidence: float | None
    model: str
    failure_code: str | None


@dataclass(frozen=True, slots=True)
class AudioFile:
    """Where the bytes of a recording are. `ticket_id`: whose sight of the ticket decides who may listen."""

    ticket_id: str | None
    file_key: str
    size_bytes: int
    sha256: str


def audio_file(session: Session, recording_id: str) -> AudioFile:
    """Raises RecordingNotFound. A recording without a ticket is for supervisors alone."""
    query = (
        select(Recording, Ticket.id)
        .outerjoin(VoiceMessage, VoiceMessage.recording_id == Recording.id)
        .outerjoin(Ticket, Ticket.voice_message_id == VoiceMessage.id)
        .where(Recording.id == recording_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise RecordingNotFound
    recording, ticket_id = found
    return AudioFile(ticket_id, recording.file_key, recording.size_bytes, recording.sha256)


def recordings_of_call(session: Session, call_id: str) -> list[RecordingView]:
    rows = session.scalars(select(Recording).where(Recording.call_id == call_id).order_by(Recording.started_at))
    return [recording_view(row) for row in rows]


def transcript_of(session: Session, recording_ids: Collection[str]) -> TranscriptView | None:
    """The transcript of the one of these recordings that has one."""
    if not recording_ids:
        return None
    row = session.scalar(select(Transcript).where(Transcript.recording_id.in_(recording_ids)).limit(1))
    if row is None:
        return None
    words = [WordView(word["text"], word["start_ms"], word["end_ms"], word["confidence"]) for word in row.words]
    return TranscriptView(row.status, row.text, words, row.mean_confidence, row.model, row.failure_code)


def recording_view(row: Recording) -> RecordingView:
    return RecordingView(
        id=row.id,
        audio_url=f"/api/v1/recordings/{row.id}/audio",
        duration_ms=row.duration_ms,
        size_bytes=row.size_bytes,
        sample_rate=row.sample_rate,
        is_partial=row.is_partial,
        started_at=row.started_at,
    )


def message_view(row: VoiceMessage) -> MessageView:
    return MessageView(row.id, row.quality, row.duration_ms, row.received_at)
