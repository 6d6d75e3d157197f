"""How one call attempt ended 呼叫结果码, and how that is read from a dial or a script."""

from enum import StrEnum


class Disposition(StrEnum):
    ANSWERED = "answered"  # talked through: every question has an answer
    BROKEN_OFF = "broken_off"  # answered, hung up before the last question was answered
    SILENT = "silent"  # answered, but no key was ever pressed
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    CONGESTED = "congested"  # the network's fault, not the citizen's
    NOT_DIALLED = "not_dialled"  # claimed, but the process died before it dialled: certainly no ring
    INTERRUPTED = "interrupted"  # the process died after it dialled: it may have rung


PICKED_UP = frozenset({Disposition.ANSWERED, Disposition.BROKEN_OFF, Disposition.SILENT})
UNREPORTED = frozenset({Disposition.NOT_DIALLED, Disposition.INTERRUPTED})
"""Given by the recovery, not by the call itself: a report that comes later knows better."""

_DIAL_FAILURES = {
    failure.value: failure
    for failure in (
        Disposition.NO_ANSWER,
        Disposition.BUSY,
        Disposition.REJECTED,
        Disposition.UNREACHABLE,
        Disposition.INVALID_NUMBER,
        Disposition.CONGESTED,
    )
}


def of_dial_failure(failure: str) -> Disposition:
    """Disposition of a dial nobody picked up, from the telephone line's word for it.

    A word this table does not know is UNREACHABLE: retried with long waits, then a person.
    """
    return _DIAL_FAILURES.get(failure, Disposition.UNREACHABLE)


def of_conversation(*, is_complete: bool, has_reacted: bool) -> Disposition:
    """Disposition of a call that was picked up."""
    if is_complete:
        return Disposition.ANSWERED
    return Disposition.BROKEN_OFF if has_reacted else Disposition.SILENT
