"""What we tell other programs of our own calls, as Zammad's generic CTI interface wants it.

Source: docs.zammad.org, "Generic CTI" (events newCall, answer, hangup; fields and causes).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class CtiEvent(StrEnum):
    NEW_CALL = "newCall"
    ANSWER = "answer"
    HANGUP = "hangup"


class CtiCause(StrEnum):
    """Why a call is over, in that interface's words."""

    NORMAL = "normalClearing"
    BUSY = "busy"
    CANCELLED = "cancel"
    NO_ANSWER = "noAnswer"
    UNREACHABLE = "congestion"
    NOT_FOUND = "notFound"


_CAUSES = {
    "busy": CtiCause.BUSY,
    "invalid_number": CtiCause.NOT_FOUND,
    "unreachable": CtiCause.UNREACHABLE,
    "congested": CtiCause.UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class CtiCall:
    """A call of ours. `disposition`: how an attempt of ours to call somebody ended, in our words."""

    id: str
    is_outbound: bool
    citizen: str = field(repr=False)
    line: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    person: str | None = None
    """Who talked with the citizen, by name."""
    person_login: str | None = None
    disposition: str | None = None


def events_of(call: CtiCall) -> list[tuple[int, CtiEvent]]:
    """What can be told of it by now, each with its place."""
    happened = {CtiEvent.NEW_CALL: call.started_at, CtiEvent.ANSWER: call.answered_at, CtiEvent.HANGUP: call.ended_at}
    return [(place, event) for place, event in enumerate(CtiEvent, start=1) if happened[event]]


def fields_of(event: CtiEvent, call: CtiCall) -> list[tuple[str, str]]:
    """The form's fields. Numbers go without the plus sign, as that interface writes them."""
    ends = (call.line, call.citizen) if call.is_outbound else (call.citizen, call.line)
    fields = [
        ("event", event.value),
        ("from", ends[0].removeprefix("+")),
        ("to", ends[1].removeprefix("+")),
        ("direction", "out" if call.is_outbound else "in"),
        ("callId", call.id),
        *([("user[]", call.person)] if call.person else []),
    ]
    if event is CtiEvent.HANGUP:
        fields.append(("cause", cause_of(call)))
    if event is not CtiEvent.NEW_CALL and call.answered_at is not None and not call.is_outbound:
        fields.append(("answeringNumber", call.person_login or call.line))
    return fields


def cause_of(call: CtiCall) -> CtiCause:
    if call.answered_at is not None:
        return CtiCause.NORMAL
    if not call.is_outbound:
        return CtiCause.CANCELLED
    return _CAUSES.get(call.disposition or "", CtiCause.NO_ANSWER)
