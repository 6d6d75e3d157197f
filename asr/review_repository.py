"""What people did with transcripts, in the database: corrections, decisions, openings of the original. Append-only."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from asr.domain.errors import TranscriptMissing
from asr.domain.review import AccessFacts, CorrectionFacts, DecisionFacts, ReviewFacts
from asr.models import OriginalAccess, SlotDecision, Transcript, TranscriptCorrection


def transcript_id(session: Session, recording_id: str) -> str:
    """Raises TranscriptMissing."""
    found = session.scalar(select(Transcript.id).where(Transcript.recording_id == recording_id))
    if found is None:
        raise TranscriptMissing
    return found


def review(session: Session, recording_id: str) -> ReviewFacts:
    """All that people said about the transcript of a recording; nothing, where there is none."""
    return ReviewFacts(_corrections(session, recording_id), _decisions(session, recording_id))


def add_correction(session: Session, transcript_id: str, correction: CorrectionFacts) -> None:
    session.add(
        TranscriptCorrection(
            transcript_id=transcript_id,
            text=correction.text,
            masked_text=correction.masked_text,
            person_id=correction.person_id,
            at=correction.at,
        )
    )
    session.flush()


def add_decision(session: Session, transcript_id: str, decision: DecisionFacts) -> None:
    session.add(
        SlotDecision(
            transcript_id=transcript_id,
            kind=decision.kind,
            value=decision.value,
            label=decision.label,
            masked_label=decision.masked_label,
            person_id=decision.person_id,
            at=decision.at,
        )
    )
    session.flush()


def add_access(session: Session, recording_id: str, access: AccessFacts) -> None:
    session.add(
        OriginalAccess(
            recording_id=recording_id,
            person_id=access.person_id,
            reason=access.reason,
            note=access.note,
            at=access.at,
            expires_at=access.expires_at,
        )
    )
    session.flush()


def accesses(session: Session, recording_id: str) -> list[AccessFacts]:
    """Newest first."""
    rows = session.scalars(
        select(OriginalAccess).where(OriginalAccess.recording_id == recording_id).order_by(OriginalAccess.id.desc())
    )
    return [AccessFacts(row.person_id, row.reason, row.note, row.at, row.expires_at) for row in rows]


def open_until(session: Session, recording_id: str, person_id: str, now: datetime) -> datetime | None:
    """When this person's look at the original ends; None: it is not open."""
    return session.scalar(
        select(func.max(OriginalAccess.expires_at)).where(
            OriginalAccess.recording_id == recording_id,
            OriginalAccess.person_id == person_id,
            OriginalAccess.expires_at > now,
        )
    )


def corrected_recordings(session: Session) -> list[str]:
    """Ids of recordings whose transcript was corrected, in the order of the first correction."""
    rows = session.scalars(
        select(Transcript.recording_id)
        .join(TranscriptCorrection, TranscriptCorrection.transcript_id == Transcript.id)
        .group_by(Transcript.recording_id)
        .order_by(func.min(TranscriptCorrection.id))
    )
    return list(rows)


def _corrections(session: Session, recording_id: str) -> tuple[CorrectionFacts, ...]:
    rows = session.scalars(
        select(TranscriptCorrection)
        .join(Transcript, Transcript.id == TranscriptCorrection.transcript_id)
        .where(Transcript.recording_id == recording_id)
        .order_by(TranscriptCorrection.id)
    )
    return tuple(
        CorrectionFacts(number, row.text, row.masked_text, row.person_id, row.at)
        for number, row in enumerate(rows, start=1)
    )


def _decisions(session: Session, recording_id: str) -> tuple[DecisionFacts, ...]:
    rows = session.scalars(
        select(SlotDecision)
        .join(Transcript, Transcript.id == SlotDecision.transcript_id)
        .where(Transcript.recording_id == recording_id)
        .order_by(SlotDecision.id)
    )
    last = {
        row.kind: DecisionFacts(row.kind, row.value, row.label, row.masked_label, row.person_id, row.at) for row in rows
    }
    return tuple(last.values())
