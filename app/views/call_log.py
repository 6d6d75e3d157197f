"""The call log: every call with its outcome, recording and ticket, newest first. For supervisors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, select
from sqlalchemy.orm import Session

from app.views.keyset import decode_cursor, encode_cursor, is_older
from app.views.recordings import Looker, MessageView, RecordingView, message_view, recordings_of_call
from app.views.transcripts import TranscriptView, transcript_of
from app.views.viewer import PersonRef
from callbacks.models import CallbackAttempt
from ivr.domain.call import CallDirection, CallOutcome, CallStatus, HangupBy
from ivr.domain.question import VoiceVerdict
from ivr.models import Call, Recording, VoiceMessage
from kit.errors import NotFound
from people.models import Person
from ticketing.domain.seat_call import WrapUpCode
from ticketing.models import Ticket
from ticketing.seat_call_models import SeatWrapUp


class CallNotFound(NotFound):
    code = "call.not_found"


@dataclass(frozen=True, slots=True)
class CallRow:
    """`recording_id` is the voice message's."""

    id: str
    direction: CallDirection
    line: str
    caller: str
    status: CallStatus
    outcome: CallOutcome | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    hangup_by: HangupBy | None
    cause: str | None
    recording_id: str | None
    recording_ms: int | None
    ticket_id: str | None
    ticket_number: str | None
    emergency_words: list[str]
    """Words of danger that were heard; they are there while the call lives."""
    source: str | None
    """The telephone system that told us of it; None: our own line."""
    agents: list[str]
    """Who spoke with the caller, as that system names them."""


@dataclass(frozen=True, slots=True)
class CallList:
    items: list[CallRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A raw key and when it came, in ms since the answer."""

    digit: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class VoiceAnswerView:
    """A spoken answer as it was heard. Times in ms since the answer; `phrase` is empty when it was not understood."""

    question: str
    phrase: str
    confidence: float
    start_ms: int
    end_ms: int
    verdict: VoiceVerdict


@dataclass(frozen=True, slots=True)
class WrapUpView:
    """What one who talked wrote of his part. No code: he still owes it."""

    person: PersonRef
    talked_from: datetime
    talked_until: datetime
    code: WrapUpCode | None
    note: str | None
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallPage:
    """`callback_task_id` is set for calls we placed; `unknown`: what another telephone system left unsaid."""

    call: CallRow
    telephony_id: str
    notice_version: str | None
    digits: list[KeyPress]
    voice_answers: list[VoiceAnswerView]
    message: MessageView | None
    recordings: list[RecordingView]
    transcripts: dict[str, TranscriptView]
    """By recording; one that nobody recognised has none."""
    wrap_ups: list[WrapUpView]
    """Of everybody who talked, in their order."""
    callback_task_id: str | None
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """[from_at, to_at) on the start of the call; `caller` is any part of the number."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    outcome: CallOutcome | None = None
    direction: CallDirection | None = None
    caller: str | None = None
    has_emergency: bool = False
    """Only calls in which words of danger were heard."""
    cursor: str | None = None
    limit: int = 50


def call_list(session: Session, wanted: CallFilter) -> CallList:
    query = _filtered(_call_rows(), wanted)
    query = query.order_by(Call.started_at.desc(), Call.id.desc()).limit(wanted.limit + 1)
    found = session.execute(query).all()
    items = [_call_row(row) for row in found[: wanted.limit]]
    more = len(found) > wanted.limit
    return CallList(items, encode_cursor(items[-1].started_at, items[-1].id) if more else None)


def call_page(session: Session, call_id: str, looker: Looker) -> CallPage:
    """Raises CallNotFound."""
    found = session.execute(_call_rows().where(Call.id == call_id)).one_or_none()
    if found is None:
        raise CallNotFound
    call: Call = found.Call
    message = session.scalar(select(VoiceMessage).where(VoiceMessage.call_id == call_id))
    recordings = recordings_of_call(session, call_id, looker)
    return CallPage(
        call=_call_row(found),
        telephony_id=call.telephony_id,
        notice_version=call.notice_version,
        digits=[KeyPress(str(press["digit"]), int(press["at_ms"])) for press in call.digits],
        voice_answers=[
            VoiceAnswerView(**{**answer, "verdict": VoiceVerdict(answer["verdict"])}) for answer in call.voice_answers
        ],
        message=message_view(message) if message else None,
        recordings=recordings,
        transcripts={each.id: text for each in recordings if (text := transcript_of(session, [each.id])) is not None},
        wrap_ups=_wrap_ups(session, call_id),
        callback_task_id=session.scalar(select(CallbackAttempt.task_id).where(CallbackAttempt.call_id == call_id)),
        unknown=call.unknown,
    )


def ended_callers(session: Session, since: datetime) -> list[str]:
    """Who called in a call that began at or after `since` and is over: once for each call."""
    query = select(Call.caller).where(Call.started_at >= since, Call.status == CallStatus.ENDED)
    return list(session.scalars(query.where(Call.ended_at.is_not(None))))


def _wrap_ups(session: Session, call_id: str) -> list[WrapUpView]:
    rows = session.execute(
        select(SeatWrapUp, Person.display_name)
        .join(Person, Person.id == SeatWrapUp.person_id)
        .where(SeatWrapUp.call_id == call_id)
        .order_by(SeatWrapUp.offer_no)
    )
    return [
        WrapUpView(
            PersonRef(row.person_id, name), row.talked_from, row.talked_until, row.code, row.note, row.written_at
        )
        for row, name in rows
    ]


def _call_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Call,
            Recording.id.label("recording_id"),
            Recording.duration_ms.label("recording_ms"),
            Ticket.id.label("ticket_id"),
            Ticket.number.label("ticket_number"),
        )
        .outerjoin(VoiceMessage, VoiceMessage.call_id == Call.id)
        .outerjoin(Recording, Recording.id == VoiceMessage.recording_id)
        .outerjoin(Ticket, Ticket.voice_message_id == VoiceMessage.id)
    )


def _filtered(query: Select[*tuple[Any, ...]], wanted: CallFilter) -> Select[*tuple[Any, ...]]:
    if wanted.from_at:
        query = query.where(Call.started_at >= wanted.from_at)
    if wanted.to_at:
        query = query.where(Call.started_at < wanted.to_at)
    if wanted.outcome:
        query = query.where(Call.outcome == wanted.outcome)
    if wanted.direction:
        query = query.where(Call.direction == wanted.direction)
    if wanted.caller:
        query = query.where(Call.caller.contains(wanted.caller, autoescape=True))
    if wanted.has_emergency:
        query = query.where(cast(Call.emergency_words, Text) != "[]")
    if wanted.cursor:
        started_at, call_id = decode_cursor(wanted.cursor, datetime, str)
        query = query.where(is_older(Call.started_at, Call.id, started_at, call_id))
    return query


def _call_row(row: Any) -> CallRow:
    call: Call = row.Call
    return CallRow(
        id=call.id,
        direction=call.direction,
        line=call.line,
        caller=call.caller,
        status=call.status,
        outcome=call.outcome,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        hangup_by=call.hangup_by,
        cause=call.cause,
        recording_id=row.recording_id,
        recording_ms=row.recording_ms,
        ticket_id=row.ticket_id,
        ticket_number=row.ticket_number,
        emergency_words=call.emergency_words,
        source=call.source,
        agents=call.agents,
    )
