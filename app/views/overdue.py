"""Next steps that were not taken: what the scheduler looks for, as ids, oldest first, a limited number at a time.

`before` is an instant some seconds ago: younger facts still have their own process working on the step.
Big tables are looked at over the last two weeks only. The scheduler asks every second, so nothing gets that
old unseen, and a table of years must not be read every second.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from asr.models import Transcript, TranscriptCorrection
from callbacks.domain.lifecycle import CallbackKind, CallbackStatus
from callbacks.models import CallbackTask, Rating
from ivr.domain.call import CallDirection, CallOutcome, CallStatus
from ivr.models import Call, MessageQuality, Recording, VoiceMessage
from ticketing.domain.lifecycle import TicketStatus, TimelineFact
from ticketing.models import TextSource, Ticket, TicketEvent

Finder = Callable[[Session, datetime], list[str]]
Columns = TypeVarTuple("Columns")

_AT_ONCE = 200
_LOOK_BACK = timedelta(days=14)
_WAITS_FOR_CITIZEN = (TicketStatus.RESOLVED, TicketStatus.REVISIT)


def messages_without_transcript(session: Session, before: datetime) -> list[str]:
    """Ids of voice messages with speech in them that nobody has recognised."""
    return _ids(session, _unrecognised(select(VoiceMessage.id), before).order_by(VoiceMessage.received_at))


def talks_without_transcript(session: Session, before: datetime) -> list[str]:
    """Ids of uploads that became the recording of a talk, which nobody has recognised."""
    query = (
        select(Recording.upload_id)
        .where(Recording.upload_id.is_not(None))
        .where(Recording.started_at >= before - _LOOK_BACK, Recording.started_at < before)
        .where(~exists().where(VoiceMessage.recording_id == Recording.id))
        .where(~exists().where(Transcript.recording_id == Recording.id))
        .order_by(Recording.started_at)
    )
    return [upload_id for upload_id in session.scalars(query.limit(_AT_ONCE)) if upload_id is not None]


def messages_kept_waiting(session: Session, before: datetime, *, patience: timedelta) -> list[str]:
    """Ids of voice messages that wait for their transcript longer than `patience` plus their own length, and have
    no ticket yet."""
    query = (
        _unrecognised(select(VoiceMessage.id, VoiceMessage.received_at, VoiceMessage.duration_ms), before - patience)
        .where(~exists().where(Ticket.voice_message_id == VoiceMessage.id))
        .order_by(VoiceMessage.received_at)
    )
    late = [
        message_id
        for message_id, received_at, duration_ms in session.execute(query)
        if received_at + patience + timedelta(milliseconds=duration_ms) < before
    ]
    return late[:_AT_ONCE]


def messages_with_late_transcript(session: Session, before: datetime) -> list[str]:
    """Ids of voice messages whose ticket was opened without text, and whose text is there now."""
    query = (
        select(VoiceMessage.id)
        .join(Ticket, Ticket.voice_message_id == VoiceMessage.id)
        .join(Transcript, Transcript.recording_id == VoiceMessage.recording_id)
        .where(Ticket.text_source == TextSource.PENDING_TRANSCRIPT, Transcript.created_at < before)
        .order_by(Ticket.created_at)
    )
    return _ids(session, query)


def messages_without_ticket(session: Session, before: datetime) -> list[str]:
    """Ids of voice messages that have all they need to become a ticket: a transcript, or no speech."""
    query = (
        select(VoiceMessage.id)
        .outerjoin(Transcript, Transcript.recording_id == VoiceMessage.recording_id)
        .where(VoiceMessage.received_at >= before - _LOOK_BACK, VoiceMessage.received_at < before)
        .where(or_(VoiceMessage.quality != MessageQuality.OK, Transcript.created_at < before))
        .where(~exists().where(Ticket.voice_message_id == VoiceMessage.id))
        .order_by(VoiceMessage.received_at)
    )
    return _ids(session, query)


def corrections_not_on_ticket(session: Session, before: datetime) -> list[str]:
    """Ids of recordings whose text a person has corrected more often than their ticket knows."""
    every = aliased(TranscriptCorrection)
    written = select(func.count()).where(every.transcript_id == Transcript.id).scalar_subquery()
    noted = (
        select(func.count())
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.action == TimelineFact.CORRECTED)
        .scalar_subquery()
    )
    query = (
        select(Transcript.recording_id)
        .distinct()
        .join(TranscriptCorrection, TranscriptCorrection.transcript_id == Transcript.id)
        .join(VoiceMessage, VoiceMessage.recording_id == Transcript.recording_id)
        .join(Ticket, Ticket.voice_message_id == VoiceMessage.id)
        .where(TranscriptCorrection.at >= before - _LOOK_BACK, TranscriptCorrection.at < before)
        .where(written > noted)
    )
    return _ids(session, query)


def calls_without_callback(session: Session, before: datetime) -> list[str]:
    """Ids of inbound calls that were missed, or asked to be called back, and have no callback task."""
    query = (
        select(Call.id)
        .where(Call.started_at >= before - _LOOK_BACK, Call.ended_at < before)
        .where(Call.direction == CallDirection.INBOUND, Call.status == CallStatus.ENDED)
        .where(Call.outcome.in_((CallOutcome.MISSED, CallOutcome.CALLBACK_REQUESTED)))
        .where(~exists().where(CallbackTask.call_id == Call.id))
        .order_by(Call.started_at)
    )
    return _ids(session, query)


def resolved_tickets_without_callback(session: Session, before: datetime) -> list[str]:
    """Ids of resolved tickets that did not go on into the revisit, with or without a task already made."""
    query = (
        select(Ticket.id)
        .where(Ticket.status == TicketStatus.RESOLVED, Ticket.resolved_at < before)
        .order_by(Ticket.resolved_at)
    )
    return _ids(session, query)


def ratings_not_concluded(session: Session, before: datetime) -> list[str]:
    """Ids of ratings whose ticket, in the same round, was neither closed nor reopened."""
    query = (
        select(Rating.id)
        .join(Ticket, and_(Ticket.id == Rating.ticket_id, Ticket.round == Rating.round))
        .where(Ticket.status.in_(_WAITS_FOR_CITIZEN), Rating.at < before)
        .order_by(Rating.at)
    )
    return _ids(session, query)


def given_up_tasks_not_concluded(session: Session, before: datetime) -> list[str]:
    """Ids of satisfaction tasks that ended without a rating while their ticket still waits for one."""
    query = (
        select(CallbackTask.id)
        .join(Ticket, and_(Ticket.id == CallbackTask.ticket_id, Ticket.round == CallbackTask.round))
        .where(CallbackTask.kind == CallbackKind.SATISFACTION, CallbackTask.status == CallbackStatus.DONE)
        .where(Ticket.status.in_(_WAITS_FOR_CITIZEN), CallbackTask.finished_at < before)
        .where(~exists().where(Rating.task_id == CallbackTask.id))
        .order_by(CallbackTask.finished_at)
    )
    return _ids(session, query)


def tasks_without_owner(session: Session, before: datetime) -> list[str]:
    """Ids of missed and requested calls that wait for a person and belong to nobody yet.

    Ratings to be asked by a person stay with the supervisors: no seat is looked for.
    """
    query = (
        select(CallbackTask.id)
        .where(CallbackTask.kind != CallbackKind.SATISFACTION)
        .where(CallbackTask.status == CallbackStatus.WITH_PERSON, CallbackTask.owner_person_id.is_(None))
        .where(CallbackTask.created_at < before)
        .order_by(CallbackTask.due_at)
    )
    return _ids(session, query)


def _unrecognised(query: Select[*Columns], before: datetime) -> Select[*Columns]:
    return (
        query.where(VoiceMessage.quality == MessageQuality.OK)
        .where(VoiceMessage.received_at >= before - _LOOK_BACK, VoiceMessage.received_at < before)
        .where(~exists().where(Transcript.recording_id == VoiceMessage.recording_id))
    )


def _ids(session: Session, query: Select[str]) -> list[str]:
    return list(session.scalars(query.limit(_AT_ONCE)))
