"""Writes the timeline 流转记录: one row per move, in the move's transaction, and lets the clocks follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from kit.db import Transaction
from ticketing import clock_repository, repository
from ticketing.domain.clocks import ClockFacts, ClockRules, clocks_of
from ticketing.domain.events import TicketChanged
from ticketing.domain.lifecycle import TicketStatus, TimelineFact
from ticketing.domain.ticket import TicketFacts
from ticketing.models import TicketEvent

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Move:
    """What happened to a ticket: without `to_person_id` a department, the grab board or the supervisors have it."""

    action: str
    at: datetime
    round: int
    from_status: TicketStatus | None
    to_status: TicketStatus
    from_person_id: str | None
    to_person_id: str | None
    by: str | None = None
    note: str | None = field(default=None, repr=False)
    details: Mapping[str, Any] = field(default_factory=dict)
    from_department_id: str | None = None
    to_department_id: str | None = None


def stays(ticket: TicketFacts, action: str, at: datetime, **details: Any) -> Move:
    """A fact about the ticket that changes neither its status nor its holder."""
    return between(ticket, ticket, action, at, details=details)


def between(
    before: TicketFacts,
    after: TicketFacts,
    action: str,
    at: datetime,
    *,
    by: str | None = None,
    note: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Move:
    """The row that leads from the ticket as it was to the ticket as it is."""
    return Move(
        action,
        at,
        after.round,
        before.status,
        after.status,
        before.holder_person_id,
        after.holder_person_id,
        by=by,
        note=note,
        details=details or {},
        from_department_id=before.department_id,
        to_department_id=after.department_id,
    )


class Timeline:
    def __init__(self, rules: ClockRules) -> None:
        self._rules = rules

    def record(self, tx: Transaction, ticket_id: str, move: Move) -> None:
        """Write the row, run the clocks, tell it after the commit. The ticket's own row was written before."""
        tx.session.add(
            TicketEvent(
                ticket_id=ticket_id,
                at=move.at,
                action=move.action,
                from_status=move.from_status,
                to_status=move.to_status,
                actor_person_id=move.by,
                from_person_id=move.from_person_id,
                to_person_id=move.to_person_id,
                from_department_id=move.from_department_id,
                to_department_id=move.to_department_id,
                note=move.note,
                details=dict(move.details),
            )
        )
        tx.session.flush()
        tx.raise_event(TicketChanged(ticket_id))
        log.info(
            "ticketing.ticket.moved",
            ticket_id=ticket_id,
            from_status=move.from_status,
            action=move.action,
            to_status=move.to_status,
            by=move.by or "system",
            from_person_id=move.from_person_id,
            to_person_id=move.to_person_id,
            from_department_id=move.from_department_id,
            to_department_id=move.to_department_id,
        )
        if self._rules.touched_by(move.action):
            self._note_late_stops(tx, ticket_id, self.follow(tx, ticket_id), move.at)

    def follow(self, tx: Transaction, ticket_id: str) -> list[ClockFacts]:
        """Bring the clocks in line with the timeline, by the rules in force. The caller holds the ticket."""
        events = clock_repository.timelines(tx.session, [ticket_id])[ticket_id]
        clocks = clocks_of(events, self._rules)
        clock_repository.keep(tx.session, ticket_id, clocks, self._rules.version)
        return clocks

    def note(self, tx: Transaction, ticket: TicketFacts, clock: ClockFacts, fact: TimelineFact, at: datetime) -> bool:
        """A row for the clock's warning or breach, once for each due time. Whether it was ours to write."""
        if not clock_repository.claim(tx.session, ticket.id, clock):
            return False
        self.record(tx, ticket.id, stays(ticket, fact, at, **clock.noted(fact)))
        return True

    def _note_late_stops(self, tx: Transaction, ticket_id: str, clocks: list[ClockFacts], at: datetime) -> None:
        """Stopped too late: a breach even if no tick has seen it."""
        late = [clock for clock in clocks if clock.look_at is not None and clock.stopped_at is not None]
        if late:
            self.note(tx, repository.ticket(tx.session, ticket_id), late[0], TimelineFact.BREACHED, at)
