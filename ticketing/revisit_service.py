"""What follows from the callback 回访: revisit, close, reopen. Moves of the system, each made once per round."""

from typing import Any

from kit.clock import Clock
from kit.db import Database, Transaction
from ticketing import duty_repository, repository
from ticketing.assignment_service import AssignmentService, held_by_supervisors
from ticketing.domain.assignment import HolderKind
from ticketing.domain.errors import TicketActionNotAllowed
from ticketing.domain.lifecycle import TicketAction, TicketStatus, next_status
from ticketing.domain.ticket import TicketFacts
from ticketing.timeline import Timeline, between

_ALREADY: dict[TicketAction, frozenset[TicketStatus]] = {
    TicketAction.START_REVISIT: frozenset({TicketStatus.REVISIT, TicketStatus.CLOSED}),
    TicketAction.CLOSE: frozenset({TicketStatus.CLOSED}),
    TicketAction.REOPEN: frozenset(),
}
"""Where a system move of the same round finds itself done; a round that was left behind counts as well."""


class RevisitService:
    """Used through TicketService. Each method tells whether the ticket moved."""

    def __init__(self, db: Database, clock: Clock, timeline: Timeline, assignment: AssignmentService) -> None:
        self._db = db
        self._clock = clock
        self._timeline = timeline
        self._assignment = assignment

    def start(self, ticket_id: str, round_no: int) -> bool:
        with self._db.transaction() as tx:
            return self._move(tx, ticket_id, round_no, TicketAction.START_REVISIT, None) is not None

    def close(self, ticket_id: str, round_no: int, reason: str) -> bool:
        with self._db.transaction() as tx:
            now = self._clock.now()
            moved = self._move(tx, ticket_id, round_no, TicketAction.CLOSE, reason, closed_at=now)
            return moved is not None

    def reopen(self, ticket_id: str, round_no: int, reason: str) -> bool:
        with self._db.transaction() as tx:
            duty_repository.take_turns_at_desk(tx, repository.ticket(tx.session, ticket_id).desk_id)
            seen = repository.ticket(tx.session, ticket_id)
            again: dict[str, Any] = {"round": round_no + 1, "resolution": None, "resolved_at": None}
            stays_there = seen.holder_kind is HolderKind.DEPARTMENT  # who did it badly hears of it, and does it again
            holder = {"offer_no": seen.offer_no + 1} if stays_there else held_by_supervisors(seen)
            moved = self._move(tx, ticket_id, round_no, TicketAction.REOPEN, reason, **again, **holder)
            if moved is not None and not stays_there:
                self._assignment.place(tx, moved)
            return moved is not None

    def _move(
        self, tx: Transaction, ticket_id: str, round_no: int, action: TicketAction, reason: str | None, **values: Any
    ) -> TicketFacts | None:
        """The ticket after the move; None when it was made before. Raises TicketActionNotAllowed if too early."""
        ticket = repository.ticket(tx.session, ticket_id, hold=True)
        if ticket.round > round_no or (ticket.round == round_no and ticket.status in _ALREADY[action]):
            return None
        after = next_status(ticket.status, action)
        if ticket.round < round_no:
            raise TicketActionNotAllowed("that round has not begun", action=action, round=round_no)
        now = self._clock.now()
        repository.change(tx.session, ticket, status=after, updated_at=now, **values)
        moved = repository.ticket(tx.session, ticket_id)
        move = between(ticket, moved, action, now, note=reason, details={"round": round_no})
        self._timeline.record(tx, ticket_id, move)
        return moved
