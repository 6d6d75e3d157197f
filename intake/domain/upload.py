"""The life of an upload: one table (status, action) → status, and what makes two uploads the same."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

WITHHELD = "anonymous"
"""What the telephone line calls a citizen without a number, too."""


class UploadStatus(StrEnum):
    REFERRED = "referred"  # its sound lies elsewhere and must be fetched
    RECEIVED = "received"  # its sound is in the store
    TAKEN_IN = "taken_in"  # it is a voice message like one from the telephone
    UNREADABLE = "unreadable"  # taken in as "call this number back": its sound could not be had


class UploadAction(StrEnum):
    FETCH = "fetch"
    TAKE_IN = "take_in"
    GIVE_UP = "give_up"


UPLOAD_LIFE: dict[tuple[UploadStatus, UploadAction], UploadStatus] = {
    (UploadStatus.REFERRED, UploadAction.FETCH): UploadStatus.RECEIVED,
    (UploadStatus.RECEIVED, UploadAction.TAKE_IN): UploadStatus.TAKEN_IN,
    (UploadStatus.REFERRED, UploadAction.GIVE_UP): UploadStatus.UNREADABLE,
    (UploadStatus.RECEIVED, UploadAction.GIVE_UP): UploadStatus.UNREADABLE,
}

OPEN = frozenset({UploadStatus.REFERRED, UploadStatus.RECEIVED})


def statuses_before(action: UploadAction) -> list[UploadStatus]:
    return [status for status, allowed in UPLOAD_LIFE if allowed is action]


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a client says of its message. Its id, which the client chose, makes repetitions harmless."""

    external_id: str
    caller: str = field(repr=False)
    """As the client gave it; empty where the citizen withheld it."""
    line: str
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """An upload as the books know it. Its id is also the id of the voice message it becomes, if it opens a ticket."""

    id: str
    client_id: str
    external_id: str
    status: UploadStatus
    caller: str = field(repr=False)
    line: str
    call_id: str | None
    """Of another telephone system's call; None: it belongs to no call."""
    opens_ticket: bool
    is_talk: bool
    recorded_at: datetime | None
    received_at: datetime
    file_key: str | None
    duration_ms: int | None
    """As the sound said itself when it came; None: it did not say."""
    source_url: str | None = field(repr=False)
    failure_code: str | None


def upload_id_of(client_id: str, external_id: str) -> str:
    """Derived: the same message of the same client has the same id, however often and wherever it comes in."""
    return hashlib.sha256(f"upload {client_id} {external_id}".encode()).hexdigest()[:32]


def fingerprint_of(new: NewUpload, content: str) -> str:
    """What must be equal for a repetition; `content`: the sound's SHA-256, or the address it lies at."""
    told = (new.caller, new.line, new.recorded_at.isoformat() if new.recorded_at else "", content)
    return hashlib.sha256("\0".join(told).encode()).hexdigest()
