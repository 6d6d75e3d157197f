"""Time limits 时限 of a ticket: which clocks run, from which fact to which, and when they are due."""

from enum import StrEnum


class ClockKind(StrEnum):
    ACCEPT = "accept"
    ANSWER = "answer"
