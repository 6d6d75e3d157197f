"""Everything the ticket page shows: the ticket, its clocks, its timeline, what was said, and how it was rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import WithJsonSchema
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.views.recordings import Looker, MessageView, RecordingView, message_view, recording_view
from app.views.transcripts import TranscriptView, transcript_of
from app.views.viewer import PersonRef, person_ref
from app.views.work_list import TicketRow, running_clocks, ticket_row, ticket_rows
from callbacks.models import Rating, RatingSource
from intake.models import IntakeClient, VoiceUpload
from ivr.domain.call import CallDirection, CallOutcome
from ivr.models import Call, Recording, VoiceMessage
from people.models import Person
from ticketing.department_models import Department
from ticketing.domain.errors import TicketNotFound
from ticketing.domain.lifecycle import MOVES, Need, Rule, TicketAction, TicketStatus
from ticketing.duty_models import Desk
from ticketing.models import Ticket, TicketClock, TicketEvent


@dataclass(frozen=True, slots=True)
class ClockView:
    """`warned_at`: since then near its end. `paused_at`: its time stands since then; `due_at` moves on at the end."""

    kind: str
    round: int
    started_at: datetime
    due_at: datetime
    warned_at: datetime | None
    paused_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One row of the timeline 流转记录: who, when, from, action, to, why. Without an actor: the system."""

    id: int
    at: datetime
    action: str
    from_status: TicketStatus | None
    to_status: TicketStatus
    actor: PersonRef | None
    from_person: PersonRef | None
    to_person: PersonRef | None
    from_department: str | None
    to_department: str | None
    """Their names."""
    note: str | None
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class CallRef:
    id: str
    direction: CallDirection
    line: str
    caller: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: CallOutcome | None


@dataclass(frozen=True, slots=True)
class UploadRef:
    """The upload that a ticket came from, where it was no call."""

    client_name: str
    external_id: str
    line: str
    recorded_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RatingView:
    """`satisfaction`: 1 very satisfied … 5 very dissatisfied; None: not asked or not answered."""

    round: int
    solved: bool
    satisfaction: int | None
    source: RatingSource
    at: datetime


@dataclass(frozen=True, slots=True)
class MoveOffer:
    """An action that `POST /tickets/{id}/moves` takes from this viewer now, and what it cannot go without."""

    action: Annotated[TicketAction, WithJsonSchema({"type": "string", "enum": sorted(MOVES)})]
    needs: list[Need]


@dataclass(frozen=True, slots=True)
class TicketPage:
    """`allowed_actions` names what this viewer may do now; the screen offers exactly these."""

    ticket: TicketRow
    desk_name: str
    resolution: str | None
    allowed_actions: list[str]
    moves: list[MoveOffer]
    clocks: list[ClockView]
    timeline: list[TimelineEntry]
    call: CallRef | None
    upload: UploadRef | None
    message: MessageView | None
    recording: RecordingView | None
    transcript: TranscriptView | None
    ratings: list[RatingView]


def ticket_page(
    session: Session, ticket_id: str, offered: Sequence[Rule], looker: Looker, *, knows_who: bool
) -> TicketPage:
    """For somebody who was found to be allowed to see it; raises TicketNotFound.

    `knows_who` False: neither the citizen's number nor his voice, nor the call that he made.
    """
    row = session.execute(ticket_rows().where(Ticket.id == ticket_id)).one_or_none()
    if row is None:
        raise TicketNotFound
    ticket: Ticket = row.Ticket
    call, message, recording = _origin(session, ticket, looker) if knows_who else (None, None, None)
    desk = session.get(Desk, ticket.desk_id)
    return TicketPage(
        ticket=ticket_row(row, running_clocks(session, [ticket_id]).get(ticket_id, []), knows_who=knows_who),
        desk_name=desk.name if desk else "",
        resolution=ticket.resolution,
        allowed_actions=[rule.action.value for rule in offered],
        moves=[MoveOffer(rule.action, sorted(rule.needs)) for rule in offered if rule.action in MOVES],
        clocks=_clocks(session, ticket_id),
        timeline=_timeline(session, ticket_id),
        call=call,
        upload=_upload(session, ticket) if call is None and knows_who else None,
        message=message,
        recording=recording,
        transcript=transcript_of(session, [recording.id]) if recording else None,
        ratings=_ratings(session, ticket_id),
    )


def _origin(
    session: Session, ticket: Ticket, looker: Looker
) -> tuple[CallRef | None, MessageView | None, RecordingView | None]:
    query = (
        select(Call, VoiceMessage, Recording)
        .select_from(VoiceMessage)
        .outerjoin(Call, Call.id == VoiceMessage.call_id)
        .join(Recording, Recording.id == VoiceMessage.recording_id)
        .where(VoiceMessage.id == ticket.voice_message_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None, None, None
    call: Call | None = found[0]
    message, recording = found[1:]
    return (
        _call_ref(call) if call is not None else None,
        message_view(message),
        recording_view(session, recording, looker),
    )


def _call_ref(call: Call) -> CallRef:
    return CallRef(
        call.id,
        call.direction,
        call.line,
        call.caller,
        call.started_at,
        call.answered_at,
        call.ended_at,
        call.outcome,
    )


def _upload(session: Session, ticket: Ticket) -> UploadRef | None:
    query = (
        select(VoiceUpload, IntakeClient.name)
        .join(IntakeClient, IntakeClient.id == VoiceUpload.client_id)
        .where(VoiceUpload.id == ticket.voice_message_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    upload, client_name = found
    return UploadRef(client_name, upload.external_id, upload.line, upload.recorded_at, upload.received_at)


def _clocks(session: Session, ticket_id: str) -> list[ClockView]:
    query = select(TicketClock).where(TicketClock.ticket_id == ticket_id).order_by(TicketClock.due_at)
    return [
        ClockView(
            row.kind,
            row.round,
            row.started_at,
            row.due_at,
            row.warned_at,
            row.paused_at,
            row.stopped_at,
            row.breached_at,
        )
        for row in session.scalars(query)
    ]


def _timeline(session: Session, ticket_id: str) -> list[TimelineEntry]:
    actor, before, after = aliased(Person), aliased(Person), aliased(Person)
    given_by, given_to = aliased(Department), aliased(Department)
    query = (
        select(TicketEvent, actor.display_name, before.display_name, after.display_name, given_by.name, given_to.name)
        .outerjoin(actor, actor.id == TicketEvent.actor_person_id)
        .outerjoin(before, before.id == TicketEvent.from_person_id)
        .outerjoin(after, after.id == TicketEvent.to_person_id)
        .outerjoin(given_by, given_by.id == TicketEvent.from_department_id)
        .outerjoin(given_to, given_to.id == TicketEvent.to_department_id)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.id)
    )
    return [
        TimelineEntry(
            id=row.id,
            at=row.at,
            action=row.action,
            from_status=row.from_status,
            to_status=row.to_status,
            actor=person_ref(row.actor_person_id, actor_name),
            from_person=person_ref(row.from_person_id, before_name),
            to_person=person_ref(row.to_person_id, after_name),
            from_department=from_department,
            to_department=to_department,
            note=row.note,
            details=dict(row.details),
        )
        for row, actor_name, before_name, after_name, from_department, to_department in session.execute(query)
    ]


def _ratings(session: Session, ticket_id: str) -> list[RatingView]:
    query = select(Rating).where(Rating.ticket_id == ticket_id).order_by(Rating.at)
    return [RatingView(row.round, row.solved, row.satisfaction, row.source, row.at) for row in session.scalars(query)]
