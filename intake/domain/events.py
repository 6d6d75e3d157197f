"""Facts of the entrance."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class UploadReceived(Event):
    """Its sound is in the store."""

    upload_id: str


@dataclass(frozen=True, slots=True)
class CallEventsKept(Event):
    """Something new was said of a call of another telephone system."""

    call_id: str
