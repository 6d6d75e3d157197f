"""Transcripts in the database: one per recording, written once; and the parts of those that are not whole yet."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from asr.domain.audio.audio_quality import AudioQuality, QualityFlag
from asr.domain.audio.cutting import Stretch
from asr.domain.privacy.redaction import Redaction, RedactionKind
from asr.domain.reading.pieces import Piece, PieceKind, Reading, plain_reading
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.transcript import Recognised, TranscriptFacts
from asr.domain.words import Speaker, Word
from asr.models import Transcript, TranscriptPart
from kit.ids import new_id

_NAME_LENGTH = 128
_VERSION_LENGTH = 64


def find_by_recording(session: Session, recording_id: str) -> TranscriptFacts | None:
    row = session.scalar(select(Transcript).where(Transcript.recording_id == recording_id))
    return None if row is None else _facts(row)


def add(session: Session, facts: TranscriptFacts) -> None:
    """Insert at once, in place of the recording's parts.

    Raises sqlalchemy.exc.IntegrityError when the recording has a transcript (or does not exist).
    """
    session.execute(delete(TranscriptPart).where(TranscriptPart.recording_id == facts.recording_id))
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


# parts


def parts(session: Session, recording_id: str) -> list[tuple[int, Speaker, Stretch, bool]]:
    """Number, speaker, where it is, whether it is recognised; in order."""
    rows = session.execute(
        select(
            TranscriptPart.part_no,
            TranscriptPart.speaker,
            TranscriptPart.start_ms,
            TranscriptPart.end_ms,
            TranscriptPart.recognised_at,
        )
        .where(TranscriptPart.recording_id == recording_id)
        .order_by(TranscriptPart.part_no)
    )
    return [(number, speaker, Stretch(start, end), at is not None) for number, speaker, start, end, at in rows]


def add_parts(session: Session, recording_id: str, stretches: Sequence[tuple[Speaker, Stretch]]) -> None:
    """Numbered from 1 as they come."""
    for number, (speaker, stretch) in enumerate(stretches, start=1):
        session.add(
            TranscriptPart(
                id=new_id(),
                recording_id=recording_id,
                part_no=number,
                speaker=speaker,
                start_ms=stretch.start_ms,
                end_ms=stretch.end_ms,
            )
        )
    session.flush()


def store_part(
    session: Session, recording_id: str, part_no: int, heard: Recognised, took_ms: int, at: datetime
) -> None:
    """Once: who comes second changes nothing, nor does who comes when the transcript is there already."""
    session.execute(
        update(TranscriptPart)
        .where(
            TranscriptPart.recording_id == recording_id,
            TranscriptPart.part_no == part_no,
            TranscriptPart.recognised_at.is_(None),
        )
        .values(
            words=[asdict(word) for word in heard.words],
            model=heard.model[:_NAME_LENGTH],
            model_version=heard.model_version[:_VERSION_LENGTH],
            took_ms=took_ms,
            recognised_at=at,
        )
        .execution_options(synchronize_session=False)
    )


def recognised_parts(session: Session, recording_id: str) -> list[tuple[Recognised, int]]:
    """What was heard in each part, and the milliseconds it took; in order."""
    rows = session.scalars(
        select(TranscriptPart)
        .where(TranscriptPart.recording_id == recording_id, TranscriptPart.recognised_at.is_not(None))
        .order_by(TranscriptPart.part_no)
    )
    return [
        (Recognised(tuple(_word(word) for word in row.words), row.model, row.model_version), row.took_ms)
        for row in rows
    ]


# from rows to facts


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
