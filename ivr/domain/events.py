"""Facts of the phone line."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class CallArrived(Event):
    call_id: str


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    """On a line of ours."""

    call_id: str


@dataclass(frozen=True, slots=True)
class OutsideCallChanged(Event):
    """More is known of a call of another telephone system."""

    call_id: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """Raised for every call, whatever its outcome, after it was filed."""

    call_id: str


@dataclass(frozen=True, slots=True)
class VoiceMessageLeft(Event):
    """The audio is on disk, hashed, and in the books."""

    message_id: str
    call_id: str | None
    """None: it was uploaded."""


@dataclass(frozen=True, slots=True)
class CallMissed(Event):
    """An inbound call ended and its caller got nothing: somebody has to call back."""

    call_id: str


@dataclass(frozen=True, slots=True)
class CallFoundServed(Event):
    """A call that had been taken for missed was answered, or left a message: that became known later."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TalkRecorded(Event):
    """A recording that is no message came in and is in the books."""

    recording_id: str


@dataclass(frozen=True, slots=True)
class CallbackRequested(Event):
    call_id: str


@dataclass(frozen=True, slots=True)
class EmergencyHeard(Event):
    """The caller has just spoken of danger for life (fire, gas, a collapse, …); he may still be on the line."""

    call_id: str
