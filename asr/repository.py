"""Transcripts in the database: one per recording, written once."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from asr.domain.transcript import TranscriptFacts, Word
from asr.models import Transcript
from kit.ids import new_id

_MODEL_NAME_LENGTH = 128


def find_by_recording(session: Session, recording_id: str) -> TranscriptFacts | None:
    row = session.scalar(select(Transcript).where(Transcript.recording_id == recording_id))
    return None if row is None else _facts(row)


def add(session: Session, facts: TranscriptFacts) -> None:
    """Insert at once; raises sqlalchemy.exc.IntegrityError when the recording has a transcript (or does not exist)."""
    session.add(
        Transcript(
            id=new_id(),
            recording_id=facts.recording_id,
            status=facts.status,
            text=facts.text,
            words=[asdict(word) for word in facts.words],
            mean_confidence=facts.mean_confidence,
            model=facts.model[:_MODEL_NAME_LENGTH],
            failure_code=facts.failure_code,
            took_ms=facts.took_ms,
            created_at=facts.created_at,
        )
    )
    session.flush()


def _facts(row: Transcript) -> TranscriptFacts:
    return TranscriptFacts(
        recording_id=row.recording_id,
        status=row.status,
        text=row.text,
        words=tuple(Word(**word) for word in row.words),
        mean_confidence=row.mean_confidence,
        model=row.model,
        failure_code=row.failure_code,
        took_ms=row.took_ms,
        created_at=row.created_at,
    )
