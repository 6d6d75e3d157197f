"""Table of speech recognition: transcript."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from asr.domain.transcript import TranscriptStatus
from kit.db import Base, UtcDateTime, enum_by_value


class Transcript(Base):
    __tablename__ = "transcript"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), unique=True)
    status: Mapped[TranscriptStatus] = mapped_column(enum_by_value(TranscriptStatus))
    text: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`[{"text": "路灯", "start_ms": 810, "end_ms": 1230, "confidence": 0.98}]`"""
    mean_confidence: Mapped[float | None] = mapped_column(Float)
    model: Mapped[str] = mapped_column(String(128))
    failure_code: Mapped[str | None] = mapped_column(String(64))
    took_ms: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
