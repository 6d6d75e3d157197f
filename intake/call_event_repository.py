"""Calls of other telephone systems and what was said of them, in the books."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from intake.domain.call_event import CallEvent, CallEventKind, CallWay, RecordingOf
from intake.domain.call_picture import CallPicture
from intake.domain.errors import OutsideCallNotFound
from intake.domain.upload import UploadStatus
from intake.models import IntakeClient, OutsideCall, OutsideEvent, VoiceUpload


def fingerprints(session: Session, event_ids: Iterable[str]) -> dict[str, str]:
    """Of those of the events that came before."""
    query = select(OutsideEvent.id, OutsideEvent.fingerprint).where(OutsideEvent.id.in_(list(event_ids)))
    return {row.id: row.fingerprint for row in session.execute(query)}


def events_since(session: Session, client_id: str, since: datetime) -> int:
    query = select(func.count()).where(
        OutsideEvent.client_id == client_id,
        OutsideEvent.received_at >= since,
        OutsideEvent.kind != CallEventKind.SETTLED,
    )
    return session.scalar(query) or 0


def events_of(session: Session, call_id: str) -> list[CallEvent]:
    rows = session.scalars(select(OutsideEvent).where(OutsideEvent.call_id == call_id))
    return [_event(row) for row in rows]


def call(session: Session, call_id: str) -> tuple[OutsideCall, IntakeClient]:
    """With whose it is. Raises OutsideCallNotFound."""
    query = (
        select(OutsideCall, IntakeClient)
        .join(IntakeClient, IntakeClient.id == OutsideCall.client_id)
        .where(OutsideCall.id == call_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise OutsideCallNotFound("no such call")
    return found[0], found[1]


def has_upload(session: Session, upload_id: str) -> bool:
    return session.get(VoiceUpload, upload_id) is not None


def ensure_call(session: Session, call_id: str, client_id: str, call_ref: str, now: datetime) -> None:
    """The row that its events refer to. Whoever calls this holds the client's turn."""
    if session.get(OutsideCall, call_id) is None:
        session.add(
            OutsideCall(
                id=call_id, client_id=client_id, call_ref=call_ref,
                event_count=0, followed_count=0, is_over=False, heard_at=now,
            )
        )  # fmt: skip
        session.flush()


def note_heard(session: Session, call_id: str, picture: CallPicture, event_count: int, now: datetime) -> None:
    """What the call's row must know of its events; and a recording that waits for its caller gets him."""
    session.execute(
        update(OutsideCall)
        .where(OutsideCall.id == call_id)
        .values(event_count=event_count, is_over=picture.ended_at is not None, heard_at=now)
    )
    session.execute(
        update(VoiceUpload)
        .where(VoiceUpload.call_id == call_id, VoiceUpload.status == UploadStatus.REFERRED, VoiceUpload.caller == "")
        .values(caller=picture.caller)
    )


def mark_followed(session: Session, call_id: str, event_count: int) -> None:
    session.execute(
        update(OutsideCall)
        .where(OutsideCall.id == call_id, OutsideCall.followed_count < event_count)
        .values(followed_count=event_count)
    )


def is_silent(session: Session, call_id: str, heard_before: datetime) -> bool:
    """Still going on, as far as we were told, and nothing new heard since that instant."""
    query = select(OutsideCall.id).where(
        OutsideCall.id == call_id, ~OutsideCall.is_over, OutsideCall.heard_at < heard_before
    )
    return session.scalar(query) is not None


def _event(row: OutsideEvent) -> CallEvent:
    return CallEvent(
        external_id=row.external_id,
        kind=CallEventKind(row.kind),
        at=row.at,
        way=CallWay(row.way) if row.way else None,
        caller=row.caller,
        line=row.line,
        agent=row.agent,
        target=row.target,
        state=row.state,
        cause=row.cause,
        recording_url=row.recording_url,
        recording_of=RecordingOf(row.recording_of) if row.recording_of else None,
        opens_ticket=row.opens_ticket,
    )
