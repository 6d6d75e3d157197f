"""A call: its status, its outcome, and which action may move it (the one table)."""

from enum import StrEnum

from ivr.domain.errors import CallActionNotAllowed


class CallDirection(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallStatus(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class CallAction(StrEnum):
    ANSWER = "answer"
    END = "end"


class CallOutcome(StrEnum):
    """What the caller got out of it. `MISSED` always becomes an owned callback task."""

    MESSAGE_LEFT = "message_left"
    CALLBACK_REQUESTED = "callback_requested"
    PROGRESS_TOLD = "progress_told"
    TALKED = "talked"  # with a person
    MISSED = "missed"
    CALLBACK_DONE = "callback_done"  # an outbound call that was talked through
    CALLBACK_FAILED = "callback_failed"  # an outbound call that was not


class HangupBy(StrEnum):
    CALLER = "caller"
    SYSTEM = "system"
    NETWORK = "network"  # dead media, transport lost, process died


CALL_LIFE: dict[tuple[CallStatus, CallAction], CallStatus] = {
    (CallStatus.RINGING, CallAction.ANSWER): CallStatus.ANSWERED,
    (CallStatus.RINGING, CallAction.END): CallStatus.ENDED,
    (CallStatus.ANSWERED, CallAction.END): CallStatus.ENDED,
}


def next_status(status: CallStatus, action: CallAction) -> CallStatus:
    """Status after the action; raises CallActionNotAllowed where the table has no row."""
    try:
        return CALL_LIFE[status, action]
    except KeyError:
        raise CallActionNotAllowed(f"a call that is {status} cannot {action}", status=status, action=action) from None


def outcome_outside(*, is_outbound: bool, is_answered: bool, has_message: bool) -> CallOutcome:
    """What the caller got out of a call of another telephone system, once it is over."""
    if is_outbound:
        return CallOutcome.CALLBACK_DONE if is_answered else CallOutcome.CALLBACK_FAILED
    if has_message:
        return CallOutcome.MESSAGE_LEFT
    return CallOutcome.TALKED if is_answered else CallOutcome.MISSED
