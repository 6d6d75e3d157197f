"""What is told of a ticket: frozen facts for the other rooms, never rows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ticketing.domain.assignment import HolderKind, SeatRole
from ticketing.domain.lifecycle import AWAITING_HOLDER, Right, TicketStatus

_SHORTEST_NUMBER = 3


class TextSource(StrEnum):
    """Where the ticket's text stands: what the screen must say above it."""

    TRANSCRIPT = "transcript"
    PENDING_TRANSCRIPT = "pending_transcript"  # the recogniser is late: listen, the text will come
    EMPTY_TRANSCRIPT = "empty_transcript"  # heard, no words: listen or call back
    FAILED_TRANSCRIPT = "failed_transcript"  # the recogniser failed: listen
    UNUSABLE_MESSAGE = "unusable_message"  # too short or silent: call this number back
    CORRECTED = "corrected"  # a person wrote down what was said


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the console, and whether he looks after others."""

    person_id: str
    is_supervisor: bool = False


class Expedite(StrEnum):
    """A supervisor presses 督办: the card that is shown."""

    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A ticket as it stood when it was read; `status` and `offer_no` are what a write must still find."""

    id: str
    number: str
    status: TicketStatus
    voice_message_id: str | None
    caller: str = field(repr=False)
    text: str = field(repr=False)
    text_source: TextSource
    resolution: str | None = field(repr=False)
    desk_id: str
    round: int
    holder_kind: HolderKind
    holder_person_id: str | None
    holder_seat_id: str | None
    holder_role: SeatRole | None
    department_id: str | None
    offer_no: int
    offer_expires_at: datetime | None
    grab_until: datetime | None
    """While it is open for grabbing."""
    set_aside_from: TicketStatus | None
    """What it was before it was suspended, or asked to be returned."""
    dispatched_by: str | None
    """The person who sent it to its department."""
    return_confirmed_by: str | None
    resolved_by: str | None
    must_confirm: bool
    """The machine was not sure of what it heard: a person has to be, before it is sent on."""
    is_confidential: bool
    expedited: Expedite | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None

    @property
    def is_accepted(self) -> bool:
        """Its holder has said yes to it (or was told to by a supervisor)."""
        return self.holder_kind is HolderKind.PERSON and self.offer_expires_at is None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    round: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Relations:
    """What ties people and departments to a ticket, besides who holds it now."""

    own_departments: frozenset[str] = frozenset()
    """Those that the looking person belongs to."""
    candidates: frozenset[str] = frozenset()
    """Departments that may grab it."""
    accepted_by: frozenset[str] = frozenset()
    """People who took it on, in any round."""
    signed_by: frozenset[str] = frozenset()
    """Departments that took it on, in any round."""

    @property
    def may_grab(self) -> bool:
        """Now, or before somebody else did."""
        return not self.candidates.isdisjoint(self.own_departments)


def rights_of(actor: Actor, ticket: TicketFacts, relations: Relations) -> frozenset[Right]:
    """What the person is to the ticket."""
    is_holder = ticket.holder_person_id == actor.person_id
    has_accepted = ticket.status not in AWAITING_HOLDER
    is_judge = actor.is_supervisor or ticket.dispatched_by == actor.person_id
    rights = {
        Right.ASKED: is_holder and not has_accepted,
        Right.HOLDER: is_holder and has_accepted,
        Right.SUPERVISOR: actor.is_supervisor,
        Right.DEPARTMENT: ticket.department_id in relations.own_departments,
        Right.CANDIDATE: ticket.holder_kind is HolderKind.GRAB_BOARD and relations.may_grab,
        Right.DISPATCHER: ticket.dispatched_by == actor.person_id,
        Right.SECOND: is_judge and ticket.return_confirmed_by not in (None, actor.person_id),
    }
    return frozenset(right for right, has in rights.items() if has)


def may_see(actor: Actor, ticket: TicketFacts, relations: Relations) -> bool:
    """Who may know that the ticket exists: its holder, whoever accepted it in any round, supervisors.

    Having been asked and silent is not enough: the caller's words then belong to somebody else. For departments
    it is the same: the one that has it, those that may grab it, and those that once signed.
    """
    if rights_of(actor, ticket, relations) or actor.person_id in relations.accepted_by:
        return True
    return not relations.signed_by.isdisjoint(relations.own_departments)


def may_know_who_asks(actor: Actor, ticket: TicketFacts, relations: Relations) -> bool:
    """Of a confidential ticket the departments learn the matter, not the citizen."""
    if not ticket.is_confidential:
        return True
    seat_side = {Right.ASKED, Right.HOLDER, Right.SUPERVISOR, Right.DISPATCHER}
    return bool(rights_of(actor, ticket, relations) & seat_side) or actor.person_id in relations.accepted_by


def is_identified(caller: str) -> bool:
    """Whether the line gave a number: callers who withhold theirs (`anonymous`) are not one and the same person."""
    digits = caller.removeprefix("+")
    return len(digits) >= _SHORTEST_NUMBER and digits.isascii() and digits.isdigit()
