"""Calls, recordings and voice messages in the books."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.domain.call import CALL_LIFE, CallAction, CallStatus
from ivr.domain.call_record import CallRecord, RecordingFacts, outcome_of, printable
from ivr.models import Call, MessageKind, MessageQuality, Recording, VoiceMessage
from ivr.ports import SAMPLE_RATE
from kit.storage import StoredFile


def call_by_id(session: Session, call_id: str | None) -> Call | None:
    return session.get(Call, call_id) if call_id is not None else None


def message_with_recording(session: Session, message_id: str) -> tuple[VoiceMessage, Recording] | None:
    row = session.execute(
        select(VoiceMessage, Recording)
        .join(Recording, Recording.id == VoiceMessage.recording_id)
        .where(VoiceMessage.id == message_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def spoken(session: Session, spoken_id: str) -> tuple[Recording, VoiceMessage | None] | None:
    """By the id of a voice message, or of the upload that became a talk's recording."""
    message = message_by_id(session, spoken_id)
    if message is not None:
        return session.get_one(Recording, message.recording_id), message
    talk = session.scalar(select(Recording).where(Recording.upload_id == spoken_id))
    return (talk, None) if talk else None


def spoken_of_recording(session: Session, recording_id: str) -> tuple[Recording, VoiceMessage | None] | None:
    row = session.execute(
        select(Recording, VoiceMessage)
        .outerjoin(VoiceMessage, VoiceMessage.recording_id == Recording.id)
        .where(Recording.id == recording_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def mark_answered(session: Session, call_id: str, at: datetime) -> bool:
    """False when the call is unknown or no longer rings."""
    moved = session.execute(
        update(Call)
        .where(Call.id == call_id, Call.status.in_(_statuses_before(CallAction.ANSWER)))
        .values(status=CallStatus.ANSWERED, answered_at=at)
        .returning(Call.id)
    )
    return moved.first() is not None


def mark_emergency(session: Session, call_id: str, words: Sequence[str]) -> bool:
    """False when the call is unknown or over: then filing has written them, or will."""
    marked = session.execute(
        update(Call)
        .where(Call.id == call_id, Call.status.in_(_statuses_before(CallAction.END)))
        .values(emergency_words=list(words))
        .returning(Call.id)
    )
    return marked.first() is not None


def end_call(session: Session, call: Call) -> bool:
    """Write the final facts of `call` over its live row, or insert them; False when it had ended before."""
    values = {name: getattr(call, name) for name in _FINAL_COLUMNS}
    moved = session.execute(
        update(Call)
        .where(Call.id == call.id, Call.status.in_(_statuses_before(CallAction.END)))
        .values(**values)
        .returning(Call.id)
    )
    if moved.first() is not None:
        return True
    if call_by_id(session, call.id) is not None:
        return False
    session.add(call)
    session.flush()
    return True


def message_by_id(session: Session, message_id: str) -> VoiceMessage | None:
    return session.get(VoiceMessage, message_id)


def recording_by_id(session: Session, recording_id: str) -> Recording | None:
    return session.get(Recording, recording_id)


def message_of_call(session: Session, call_id: str) -> VoiceMessage | None:
    return session.scalar(select(VoiceMessage).where(VoiceMessage.call_id == call_id))


def recording_id_of(source_id: str) -> str:
    """Of a call, or of an uploaded message. Derived, so that filing again writes the same row and the same file."""
    return hashlib.sha256(f"recording {source_id}".encode()).hexdigest()[:32]


def message_id_of(call_id: str) -> str:
    return hashlib.sha256(f"message {call_id}".encode()).hexdigest()[:32]


def file_key_of(recording_id: str, day: datetime) -> str:
    return f"recordings/{day.astimezone(UTC):%Y/%m/%d}/{recording_id}.wav"


def file_key_of_call(record: CallRecord) -> str:
    return file_key_of(recording_id_of(record.start.call_id), record.start.started_at)


def call_row(record: CallRecord, status: CallStatus) -> Call:
    start = record.start
    return Call(
        id=start.call_id,
        direction=start.direction,
        line=printable(start.line),
        caller=printable(start.caller),
        status=status,
        outcome=outcome_of(record) if status is CallStatus.ENDED else None,
        started_at=start.started_at,
        answered_at=record.answered_at,
        ended_at=record.ended_at,
        hangup_by=record.hangup_by,
        cause=printable(record.cause) if record.cause else None,
        telephony_id=record.telephony_id,
        person_id=record.person_id,
        notice_version=record.notice_version,
        digits=[{"digit": digit, "at_ms": at_ms} for digit, at_ms in record.digits],
        voice_answers=[asdict(answer) for answer in record.voice_answers],
        emergency_words=list(record.emergency_words),
    )


def talk_key_of(record: CallRecord) -> str:
    return file_key_of(talk_recording_id_of(record.start.call_id), record.start.started_at)


def talk_recording_id_of(call_id: str) -> str:
    return recording_id_of(f"talk {call_id}")


def talk_row(record: CallRecord, talk: RecordingFacts, stored: StoredFile) -> Recording:
    return Recording(
        id=talk_recording_id_of(record.start.call_id),
        call_id=record.start.call_id,
        file_key=stored.key,
        size_bytes=stored.size,
        sha256=talk.sha256,
        sample_rate=SAMPLE_RATE,
        channels=2,
        duration_ms=talk.duration_ms,
        is_partial=talk.is_partial,
        started_at=record.talk_started_at or record.start.started_at,
    )


def recording_row(record: CallRecord, recording: RecordingFacts, stored: StoredFile) -> Recording:
    return Recording(
        id=recording_id_of(record.start.call_id),
        call_id=record.start.call_id,
        file_key=stored.key,
        size_bytes=stored.size,
        sha256=recording.sha256,
        sample_rate=SAMPLE_RATE,
        duration_ms=recording.duration_ms,
        is_partial=recording.is_partial,
        started_at=record.recording_started_at or record.start.started_at,
    )


def message_row(record: CallRecord, recording: RecordingFacts, quality: MessageQuality) -> VoiceMessage:
    return VoiceMessage(
        id=message_id_of(record.start.call_id),
        call_id=record.start.call_id,
        recording_id=recording_id_of(record.start.call_id),
        caller=printable(record.start.caller),
        quality=quality,
        duration_ms=recording.duration_ms,
        received_at=record.recording_ended_at or record.ended_at or record.start.started_at,
        ticket_number=record.ticket_number,
    )


def talk_message_row(record: CallRecord, talk: RecordingFacts, quality: MessageQuality) -> VoiceMessage:
    return VoiceMessage(
        id=message_id_of(record.start.call_id),
        call_id=record.start.call_id,
        recording_id=talk_recording_id_of(record.start.call_id),
        kind=MessageKind.TALK,
        caller=printable(record.start.caller),
        quality=quality,
        duration_ms=talk.duration_ms,
        received_at=record.talk_ended_at or record.ended_at or record.start.started_at,
        ticket_number=record.ticket_number,
    )


def _statuses_before(action: CallAction) -> list[CallStatus]:
    return [status for status, allowed in CALL_LIFE if allowed is action]


_FINAL_COLUMNS = (
    "status",
    "outcome",
    "answered_at",
    "ended_at",
    "hangup_by",
    "cause",
    "notice_version",
    "digits",
    "voice_answers",
    "emergency_words",
    "person_id",
)
