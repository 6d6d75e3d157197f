"""Tables of the entrance: intake_client, voice_upload, webhook_delivery."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.domain.delivery import DeliveryStatus
from intake.domain.upload import UploadStatus
from kit.db import Base, UtcDateTime, enum_by_value


class IntakeClient(Base):
    """A program that may leave voice messages."""

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


class VoiceUpload(Base):
    """A message as it came in. It becomes the voice message of the same id."""

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


class WebhookDelivery(Base):
    """One thing to tell a client: that its message has reached a stage, in a round of handling."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("upload_id", "stage", "round"),
        Index("ix_webhook_delivery_due", "due_at", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("voice_upload.id"))
    stage: Mapped[str] = mapped_column(String(32))
    round: Mapped[int] = mapped_column(Integer)
    status: Mapped[DeliveryStatus] = mapped_column(enum_by_value(DeliveryStatus))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_answer: Mapped[str | None] = mapped_column(String(64))
    """`200`, `503`, `ConnectTimeout`: what the last try met."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
