"""Facts of the entrance for voice messages."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class UploadReceived(Event):
    """Its sound is in the store."""

    upload_id: str
