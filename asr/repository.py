"""Transcripts in the database: one per recording, written once."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from asr.domain.audio_quality import AudioQuality, QualityFlag
from asr.domain.reading import Piece, PieceKind, Reading, plain_reading
from asr.domain.redaction import Redaction, RedactionKind
from asr.domain.slots import Evidence, Slot, SlotKind
from asr.domain.transcript import TranscriptFacts
from asr.domain.words import Speaker, Word
from asr.models import Transcript
from kit.ids import new_id

_NAME_LENGTH = 128
_VERSION_LENGTH = 64


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
            reading=[asdict(piece) for piece in facts.reading.pieces],
            slots=[asdict(slot) for slot in facts.slots],
            redactions=[asdict(redaction) for redaction in facts.redactions],
            rules_version=facts.rules_version,
            audio_quality=asdict(facts.audio_quality) if facts.audio_quality else None,
            mean_confidence=facts.mean_confidence,
            model=facts.model[:_NAME_LENGTH],
            model_version=facts.model_version[:_VERSION_LENGTH],
            failure_code=facts.failure_code,
            took_ms=facts.took_ms,
            created_at=facts.created_at,
        )
    )
    session.flush()


def _facts(row: Transcript) -> TranscriptFacts:
    words = tuple(_word(word) for word in row.words)
    pieces = tuple(_piece(piece) for piece in row.reading)
    return TranscriptFacts(
        recording_id=row.recording_id,
        status=row.status,
        text=row.text,
        words=words,
        mean_confidence=row.mean_confidence,
        model=row.model,
        model_version=row.model_version,
        reading=Reading(pieces) if pieces else plain_reading(words),  # the first version kept no reading
        slots=tuple(_slot(slot) for slot in row.slots),
        redactions=tuple(_redaction(redaction) for redaction in row.redactions),
        rules_version=row.rules_version,
        audio_quality=_quality(row.audio_quality) if row.audio_quality else None,
        failure_code=row.failure_code,
        took_ms=row.took_ms,
        created_at=row.created_at,
    )


def _word(stored: dict[str, Any]) -> Word:
    """Words of the first version name no speaker: there was one side only."""
    return Word(**stored | {"speaker": Speaker(stored.get("speaker", Speaker.CITIZEN))})


def _piece(stored: dict[str, Any]) -> Piece:
    return Piece(**stored | {"kind": PieceKind(stored["kind"])})


def _slot(stored: dict[str, Any]) -> Slot:
    evidence = tuple(Evidence(**each) for each in stored["evidence"])
    return Slot(**stored | {"kind": SlotKind(stored["kind"]), "evidence": evidence})


def _redaction(stored: dict[str, Any]) -> Redaction:
    return Redaction(**stored | {"kind": RedactionKind(stored["kind"])})


def _quality(stored: dict[str, Any]) -> AudioQuality:
    return AudioQuality(**stored | {"flags": tuple(QualityFlag(flag) for flag in stored["flags"])})
