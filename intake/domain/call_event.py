"""What another telephone system says of its calls: the kinds of events, and what each must say."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from intake.domain.errors import EventIncomplete, EventOutOfTime
from intake.domain.policy import CallEventPolicy


class CallEventKind(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    RECORDING_READY = "recording_ready"
    MISSED = "missed"
    HUNG_UP = "hung_up"
    AGENT_STATE = "agent_state"
    SETTLED = "settled"  # our own: the other system has been silent for so long that the call must be over


class CallWay(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class RecordingOf(StrEnum):
    MESSAGE = "message"  # the caller spoke to a machine: nobody has heard it yet
    TALK = "talk"  # the caller spoke with a person


MOST_OF_ONE_CALL = 500
"""Events; whoever says more of one call uses its id for several."""
SAID_BY_CLIENTS = frozenset(CallEventKind) - {CallEventKind.SETTLED}
_NEEDED = {
    CallEventKind.AGENT_STATE: ("agent", "state"),
    CallEventKind.RECORDING_READY: ("call_ref", "recording_url", "recording_of"),
}


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What an event does not say is empty or None. Its id, which the client chose, makes repetitions harmless."""

    external_id: str
    kind: CallEventKind
    at: datetime
    call_ref: str = ""
    """The client's own id of the call."""
    way: CallWay | None = None
    caller: str = field(default="", repr=False)
    line: str = ""
    agent: str = ""
    """An extension or a name, as the other system has it."""
    target: str = ""
    """Whom the call was transferred to."""
    state: str = ""
    cause: str = ""
    recording_url: str = field(default="", repr=False)
    recording_of: RecordingOf | None = None
    opens_ticket: bool | None = None

    @property
    def is_ticket_wanted(self) -> bool:
        """Of a recording: a message becomes a ticket, a talk does not, unless the event says otherwise."""
        return self.recording_of is RecordingOf.MESSAGE if self.opens_ticket is None else self.opens_ticket


def check_complete(event: CallEvent) -> None:
    """Raises EventIncomplete."""
    for name in _NEEDED.get(event.kind, ("call_ref",)):
        if not getattr(event, name):
            raise EventIncomplete("the event lacks what its kind needs", event_id=event.external_id, lacks=name)


def check_in_time(event: CallEvent, now: datetime, policy: CallEventPolicy) -> None:
    """Raises EventOutOfTime."""
    if not now - policy.not_older_than <= event.at <= now + policy.not_ahead_by:
        raise EventOutOfTime("its instant is too far from our clock", event_id=event.external_id)


def event_id_of(client_id: str, external_id: str) -> str:
    return _derived("call event", client_id, external_id)


def call_id_of(client_id: str, call_ref: str) -> str:
    """Also the id of the call in the call log."""
    return _derived("outside call", client_id, call_ref)


def settling_id_of(call_id: str) -> str:
    return _derived("settled call", call_id)


def fingerprint_of(event: CallEvent) -> str:
    """What must be equal for a repetition."""
    told = (
        event.kind, event.at.isoformat(), event.call_ref, event.way or "", event.caller, event.line, event.agent,
        event.target, event.state, event.cause, event.recording_url, event.recording_of or "", str(event.opens_ticket),
    )  # fmt: skip
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def _derived(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
