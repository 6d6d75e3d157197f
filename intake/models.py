"""Tables of the doors to other programs: intake_client, voice_upload, outside_call, outside_event, and what is told
outward: webhook_delivery, cti_target, cti_push."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from intake.domain.call_event import CallEventKind, CallWay, RecordingOf
from intake.domain.cti import CtiEvent
from intake.domain.delivery import DeliveryStatus
from intake.domain.upload import UploadStatus
from kit.db import Base, UtcDateTime, enum_by_value


class IntakeClient(Base):
    """A program that may leave voice messages and tell of calls."""

    __tablename__ = "intake_client"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    line: Mapped[str] = mapped_column(String(64))
    """The line its messages belong to, where it names none."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256: the table alone opens no door."""
    secret: Mapped[str] = mapped_column(String(64))
    """Signs in both directions, so it cannot be kept as a hash."""
    webhook_url: Mapped[str | None] = mapped_column(String(512))
    reference_hosts: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Hosts that its references may point at; none: it must send the sound itself."""
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_IS_OPEN = text("status IN ('referred', 'received')")
_IS_WAITING = text("status = 'waiting'")
_IS_BEHIND = text("followed_count < event_count")


class VoiceUpload(Base):
    """A sound as it came in. It becomes the voice message of the same id, or the recording of a talk."""

    __tablename__ = "voice_upload"
    __table_args__ = (
        UniqueConstraint("client_id", "external_id"),
        Index("ix_voice_upload_client_received", "client_id", "received_at"),
        Index("ix_voice_upload_open", "received_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("intake_client.id"))
    external_id: Mapped[str] = mapped_column(String(128))
    status: Mapped[UploadStatus] = mapped_column(enum_by_value(UploadStatus))
    fingerprint: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(64))
    line: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source_url: Mapped[str | None] = mapped_column(Text)
    file_key: Mapped[str | None] = mapped_column(String(255))
    """The sound as it was sent; kept beside the recording that is made of it."""
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    """As the sound said itself when it came: in which line it waits for its recognition."""
    failure_code: Mapped[str | None] = mapped_column(String(64))
    call_id: Mapped[str | None] = mapped_column(ForeignKey("outside_call.id"), index=True)
    """None: it belongs to no call."""
    opens_ticket: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    is_talk: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Somebody talked with the caller; else it was left alone."""


class OutsideCall(Base):
    """A call of another telephone system. Its id is also its id in the call log."""

    __tablename__ = "outside_call"
    __table_args__ = (
        Index("ix_outside_call_behind", "heard_at", sqlite_where=_IS_BEHIND, postgresql_where=_IS_BEHIND),
        Index(
            "ix_outside_call_live", "heard_at", sqlite_where=text("is_over = 0"), postgresql_where=text("NOT is_over")
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("intake_client.id"))
    call_ref: Mapped[str] = mapped_column(String(128))
    """The client's own id of it."""
    event_count: Mapped[int] = mapped_column(Integer)
    followed_count: Mapped[int] = mapped_column(Integer, default=0)
    """How many of its events the call log knows."""
    is_over: Mapped[bool] = mapped_column(Boolean)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the last new event came in."""


class OutsideEvent(Base):
    """What another telephone system said. Append-only."""

    __tablename__ = "outside_event"
    __table_args__ = (Index("ix_outside_event_client_received", "client_id", "received_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("intake_client.id"))
    external_id: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("outside_call.id"), index=True)
    """None: it tells of an agent."""
    kind: Mapped[CallEventKind] = mapped_column(enum_by_value(CallEventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    way: Mapped[CallWay | None] = mapped_column(enum_by_value(CallWay))
    caller: Mapped[str] = mapped_column(String(64))
    line: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(String(64))
    recording_url: Mapped[str] = mapped_column(Text)
    recording_of: Mapped[RecordingOf | None] = mapped_column(enum_by_value(RecordingOf))
    opens_ticket: Mapped[bool | None] = mapped_column(Boolean)


class DeliveryColumns:
    """One thing to tell somebody, until he has heard it or is given up."""

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    status: Mapped[DeliveryStatus] = mapped_column(enum_by_value(DeliveryStatus))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_answer: Mapped[str | None] = mapped_column(String(64))
    """`200`, `503`, `ConnectTimeout`: what the last try met."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookDelivery(DeliveryColumns, Base):
    """One thing to tell a client: that its message has reached a stage, in a round of handling."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("upload_id", "stage", "round"),
        Index("ix_webhook_delivery_due", "due_at", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    )

    upload_id: Mapped[str] = mapped_column(ForeignKey("voice_upload.id"))
    stage: Mapped[str] = mapped_column(String(32))
    round: Mapped[int] = mapped_column(Integer)


class CtiTarget(Base):
    """An address that hears of our own calls."""

    __tablename__ = "cti_target"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(String(512))
    """Whoever knows it may speak for us there: it is shown and logged by its host alone."""
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CtiPush(DeliveryColumns, Base):
    """One of the three events of a call, to be told to one target, in order."""

    __tablename__ = "cti_push"
    __table_args__ = (
        UniqueConstraint("target_id", "call_id", "position"),
        Index("ix_cti_push_call", "call_id"),
        Index("ix_cti_push_due", "due_at", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    )

    target_id: Mapped[str] = mapped_column(ForeignKey("cti_target.id"))
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    event: Mapped[CtiEvent] = mapped_column(enum_by_value(CtiEvent))
    position: Mapped[int] = mapped_column(Integer)
