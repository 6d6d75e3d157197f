"""Tables of the phone line: call, recording, voice_message."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.domain.call import CallDirection, CallOutcome, CallStatus, HangupBy
from kit.db import Base, UtcDateTime, enum_by_value


class MessageQuality(StrEnum):
    """Those without usable speech are kept too: they become a call-this-number-back ticket."""

    OK = "ok"
    TOO_SHORT = "too_short"
    SILENT = "silent"
    UNREADABLE = "unreadable"  # uploaded, and its sound could not be had


class MessageKind(StrEnum):
    MESSAGE = "message"  # left alone, on the telephone or by upload
    TALK = "talk"  # said to a person; the recording has two sides


class Call(Base):
    __tablename__ = "call"
    __table_args__ = (Index("ix_call_started_at", "started_at"), Index("ix_call_caller", "caller"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    direction: Mapped[CallDirection] = mapped_column(enum_by_value(CallDirection))
    line: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(64))
    status: Mapped[CallStatus] = mapped_column(enum_by_value(CallStatus))
    outcome: Mapped[CallOutcome | None] = mapped_column(enum_by_value(CallOutcome))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hangup_by: Mapped[HangupBy | None] = mapped_column(enum_by_value(HangupBy))
    cause: Mapped[str | None] = mapped_column(String(64))
    telephony_id: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """Who talked with the caller, the last one if there were several."""
    notice_version: Mapped[str | None] = mapped_column(String(32))
    digits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Raw key presses in order: `[{"digit": "1", "at_ms": 2310}]`, ms since the answer."""
    voice_answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    """Spoken answers as they were heard, counted or not; see ivr.domain.question.VoiceAnswer."""
    emergency_words: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Words of danger that were heard during the call; written while it lives."""
    source: Mapped[str | None] = mapped_column(String(64))
    """The telephone system that told us of it; None: it came over a line of ours."""
    heard_events: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many events of that system this row is made of."""
    agents: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Who spoke with the caller, in order, as that system names them."""
    unknown: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """What it left unsaid: `caller`, `started_at`, `answered_at`, `ended_at`."""


class Recording(Base):
    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), index=True)
    """None: it was uploaded."""
    upload_id: Mapped[str | None] = mapped_column(String(32), index=True)
    """The upload that it came in as; None: it was made on a line of ours."""
    file_key: Mapped[str] = mapped_column(String(255), unique=True)
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    sample_rate: Mapped[int] = mapped_column(Integer)
    channels: Mapped[int] = mapped_column(Integer, default=1)
    duration_ms: Mapped[int] = mapped_column(Integer)
    is_partial: Mapped[bool] = mapped_column(Boolean, default=False)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoiceMessage(Base):
    """What a citizen has said that is to be handled; from here on its way is the same, however it came."""

    __tablename__ = "voice_message"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), unique=True)
    """None: it was uploaded, not spoken on the telephone."""
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), unique=True)
    kind: Mapped[MessageKind] = mapped_column(
        enum_by_value(MessageKind), default=MessageKind.MESSAGE, server_default=MessageKind.MESSAGE.value
    )
    caller: Mapped[str] = mapped_column(String(64))
    quality: Mapped[MessageQuality] = mapped_column(enum_by_value(MessageQuality))
    duration_ms: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ticket_number: Mapped[str | None] = mapped_column(String(32))
    """The number that was read to the caller; None when none could be reserved."""
