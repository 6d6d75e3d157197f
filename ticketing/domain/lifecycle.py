"""The life of a ticket 工单: one table (status, action) → status, and which role may do what."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ticketing.domain.errors import NotTheHolder, TicketActionNotAllowed


class TicketStatus(StrEnum):
    NEW = "new"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"
    REVISIT = "revisit"
    CLOSED = "closed"
    REOPENED = "reopened"


class TicketAction(StrEnum):
    ACCEPT = "accept"
    ASSIGN = "assign"
    """A supervisor names the holder: an order, not an offer, so it needs no acceptance."""
    NOTE = "note"
    RESOLVE = "resolve"
    OPEN_ORIGINAL = "open_original"
    """See and hear what is masked for everybody else."""
    CORRECT = "correct"
    """Write down what the citizen really said."""
    DECIDE_SLOT = "decide_slot"
    """Confirm or set what the machine found in the words."""
    START_REVISIT = "start_revisit"
    CLOSE = "close"
    REOPEN = "reopen"


class TimelineFact(StrEnum):
    """What the timeline records besides actions."""

    CREATED = "created"
    TRANSCRIBED = "transcribed"
    """The text came after the ticket."""
    OFFERED = "offered"
    MISSED = "missed"
    QUEUED = "queued"
    BREACHED = "breached"
    CORRECTED = "corrected"


AWAITING_HOLDER = frozenset({TicketStatus.NEW, TicketStatus.REOPENED})
"""Nobody has taken it on yet: the assignment still moves it."""

IN_WORK = AWAITING_HOLDER | {TicketStatus.ACCEPTED}
"""Counts as load of the person who holds it."""

TICKET_LIFE: dict[tuple[TicketStatus, TicketAction], TicketStatus] = {
    (TicketStatus.NEW, TicketAction.ACCEPT): TicketStatus.ACCEPTED,
    (TicketStatus.REOPENED, TicketAction.ACCEPT): TicketStatus.ACCEPTED,
    (TicketStatus.NEW, TicketAction.ASSIGN): TicketStatus.ACCEPTED,
    (TicketStatus.REOPENED, TicketAction.ASSIGN): TicketStatus.ACCEPTED,
    (TicketStatus.ACCEPTED, TicketAction.ASSIGN): TicketStatus.ACCEPTED,
    (TicketStatus.ACCEPTED, TicketAction.RESOLVE): TicketStatus.RESOLVED,
    (TicketStatus.RESOLVED, TicketAction.START_REVISIT): TicketStatus.REVISIT,
    (TicketStatus.REVISIT, TicketAction.CLOSE): TicketStatus.CLOSED,
    (TicketStatus.REVISIT, TicketAction.REOPEN): TicketStatus.REOPENED,
    **{
        (status, action): status
        for status in TicketStatus
        if status is not TicketStatus.CLOSED
        for action in (TicketAction.NOTE, TicketAction.CORRECT, TicketAction.DECIDE_SLOT)
    },
    **{(status, TicketAction.OPEN_ORIGINAL): status for status in TicketStatus},
}


@dataclass(frozen=True, slots=True)
class _Standing:
    is_holder: bool
    has_accepted: bool
    is_supervisor: bool

    @property
    def handles_or_supervises(self) -> bool:
        return (self.is_holder and self.has_accepted) or self.is_supervisor


_WHO_MAY: dict[TicketAction, Callable[[_Standing], bool]] = {
    TicketAction.ACCEPT: lambda who: who.is_holder and not who.has_accepted,
    TicketAction.NOTE: lambda who: who.is_holder or who.is_supervisor,
    TicketAction.RESOLVE: lambda who: who.is_holder and who.has_accepted,
    TicketAction.OPEN_ORIGINAL: lambda who: who.handles_or_supervises,
    TicketAction.CORRECT: lambda who: who.handles_or_supervises,
    TicketAction.DECIDE_SLOT: lambda who: who.handles_or_supervises,
    TicketAction.ASSIGN: lambda who: who.is_supervisor,
}
"""Actions of people. Those without a row (start_revisit, close, reopen) follow from the callback alone:
whoever handled a ticket can never end its revisit."""


def next_status(status: TicketStatus, action: TicketAction) -> TicketStatus:
    """Status after the action; raises TicketActionNotAllowed where the table has no row."""
    try:
        return TICKET_LIFE[status, action]
    except KeyError:
        raise TicketActionNotAllowed(
            f"a ticket that is {status} does not allow {action}", status=status, action=action
        ) from None


def allowed_actions(
    status: TicketStatus, *, is_holder: bool, has_accepted: bool, is_supervisor: bool
) -> tuple[TicketAction, ...]:
    """What a person may do now. `has_accepted`: the present holder has taken it on (not merely been asked)."""
    who = _Standing(is_holder, has_accepted, is_supervisor)
    return tuple(action for action, may in _WHO_MAY.items() if (status, action) in TICKET_LIFE and may(who))


def check_action(
    status: TicketStatus, action: TicketAction, *, is_holder: bool, has_accepted: bool, is_supervisor: bool
) -> TicketStatus:
    """Status after a person's action; raises TicketActionNotAllowed (wrong time) or NotTheHolder (wrong person)."""
    after = next_status(status, action)
    may_do = allowed_actions(status, is_holder=is_holder, has_accepted=has_accepted, is_supervisor=is_supervisor)
    if action not in may_do:
        raise NotTheHolder(f"{action} is not for this person", action=action)
    return after
