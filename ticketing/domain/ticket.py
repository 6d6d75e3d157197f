"""What is told of a ticket: frozen facts for the other rooms, never rows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ticketing.domain.assignment import HolderKind, SeatRole
from ticketing.domain.clocks import ClockKind
from ticketing.domain.lifecycle import TicketStatus

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
    offer_no: int
    offer_expires_at: datetime | None
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
    kind: ClockKind
    round: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None


def may_see(actor: Actor, ticket: TicketFacts, accepted_by: frozenset[str]) -> bool:
    """Who may know that the ticket exists: its holder, whoever accepted it in any round, supervisors.

    Having been asked and silent is not enough: the caller's words then belong to somebody else.
    """
    return actor.is_supervisor or actor.person_id == ticket.holder_person_id or actor.person_id in accepted_by


def is_identified(caller: str) -> bool:
    """Whether the line gave a number: callers who withhold theirs (`anonymous`) are not one and the same person."""
    digits = caller.removeprefix("+")
    return len(digits) >= _SHORTEST_NUMBER and digits.isascii() and digits.isdigit()
