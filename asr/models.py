"""Tables of speech recognition: transcript, transcript_part, transcript_correction, slot_decision, original_access.

All but transcript_part are append-only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from asr.domain.review import OriginalReason
from asr.domain.slots.slot import SlotKind
from asr.domain.transcript import TranscriptStatus
from asr.domain.words import Speaker
from kit.db import Base, UtcDateTime, enum_by_value


class Transcript(Base):
    __tablename__ = "transcript"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), unique=True)
    status: Mapped[TranscriptStatus] = mapped_column(enum_by_value(TranscriptStatus))
    text: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`[{"text": "路灯", "start_ms": 810, "end_ms": 1230, "confidence": 0.98, "speaker": "citizen"}]`"""
    mean_confidence: Mapped[float | None] = mapped_column(Float)
    model: Mapped[str] = mapped_column(String(128))
    model_version: Mapped[str] = mapped_column(String(64), default="")
    reading: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Pieces of asr.domain.reading.pieces, in order."""
    slots: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    redactions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    rules_version: Mapped[str] = mapped_column(String(64), default="")
    audio_quality: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    failure_code: Mapped[str | None] = mapped_column(String(64))
    took_ms: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TranscriptPart(Base):
    """A stretch of a long recording that is recognised by itself. All rows of a recording are written when it is cut,
    and deleted when its transcript is put together of them."""

    __tablename__ = "transcript_part"
    __table_args__ = (UniqueConstraint("recording_id", "part_no"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"))
    part_no: Mapped[int] = mapped_column(Integer)
    speaker: Mapped[Speaker] = mapped_column(enum_by_value(Speaker))
    start_ms: Mapped[int] = mapped_column(Integer)
    end_ms: Mapped[int] = mapped_column(Integer)
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """As in the transcript; times count from the start of the recording."""
    model: Mapped[str] = mapped_column(String(128), default="")
    model_version: Mapped[str] = mapped_column(String(64), default="")
    took_ms: Mapped[int] = mapped_column(Integer, default=0)
    recognised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TranscriptCorrection(Base):
    """What an agent says the citizen really said: the third layer. The last row counts, all are kept."""

    __tablename__ = "transcript_correction"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcript.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    masked_text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SlotDecision(Base):
    """A person's word on a slot: the value he confirmed or set. The last row of a kind counts."""

    __tablename__ = "slot_decision"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcript.id"), index=True)
    kind: Mapped[SlotKind] = mapped_column(enum_by_value(SlotKind))
    value: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(255))
    masked_label: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class OriginalAccess(Base):
    """Who was shown the unmasked text and sound of a recording, why, and until when."""

    __tablename__ = "original_access"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[OriginalReason] = mapped_column(enum_by_value(OriginalReason))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
