"""Writes the timeline 流转记录: one row per move, in the move's transaction, with the clocks it starts and stops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from kit.db import Transaction
from ticketing import repository
from ticketing.domain.clocks import ClockKind, ClockSpec, is_breached, started_by, stopped_by
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
    def __init__(self, clocks: Sequence[ClockSpec]) -> None:
        self._clocks = clocks

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
        for spec in started_by(self._clocks, move.action):
            repository.start_clock(tx.session, ticket_id, move.round, spec, move.at)
        self._stop_clocks(tx, ticket_id, move)

    def breach(self, tx: Transaction, ticket: TicketFacts, kind: ClockKind, round_no: int, at: datetime) -> bool:
        """Mark a clock as breached, once, with a row of its own."""
        due_at = repository.mark_breached(tx.session, ticket.id, kind, round_no)
        if due_at is None:
            return False
        move = stays(ticket, TimelineFact.BREACHED, at, clock=kind.value, due_at=due_at.isoformat(), of_round=round_no)
        self.record(tx, ticket.id, move)
        return True

    def _stop_clocks(self, tx: Transaction, ticket_id: str, move: Move) -> None:
        kinds = stopped_by(self._clocks, move.action)
        if not kinds:
            return
        running = repository.stop_clocks(tx.session, ticket_id, move.round, kinds, move.at)
        late = [clock for clock in running if is_breached(clock.due_at, move.at, move.at)]
        if late:  # stopped too late: noted even if no tick has seen it
            ticket = repository.ticket(tx.session, ticket_id)
            for clock in late:
                self.breach(tx, ticket, clock.kind, clock.round, move.at)
