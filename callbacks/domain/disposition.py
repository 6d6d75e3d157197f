"""How one call attempt ended 呼叫结果码."""

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
