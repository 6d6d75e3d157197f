"""What people do with what was said: who opened the original, decided on a slot, corrected the text.

The words themselves are kept elsewhere; here is only who may, the row in the timeline, and the ticket's own text.
"""

from kit.clock import Clock
from kit.db import Database
from ticketing import repository
from ticketing.domain.lifecycle import TicketAction, TimelineFact, check_action
from ticketing.domain.ticket import Actor, TextSource, TicketFacts
from ticketing.timeline import Move, Timeline


class TextService:
    """Used through TicketService."""

    def __init__(self, db: Database, clock: Clock, timeline: Timeline) -> None:
        self._db = db
        self._clock = clock
        self._timeline = timeline

    def record(self, ticket: TicketFacts, action: TicketAction, actor: Actor, note: str, **details: str) -> None:
        """Check that this person may, and write it into the timeline. Raises NotTheHolder, TicketActionNotAllowed."""
        with self._db.transaction() as tx:
            ticket = repository.ticket(tx.session, ticket.id, hold=True)
            check(ticket, action, actor)
            move = _by(actor.person_id, ticket, action, self._clock, note=note.strip() or None, **details)
            self._timeline.record(tx, ticket.id, move)

    def correct(self, ticket_id: str, number: int, text: str, person_id: str) -> bool:
        """Correction `number` (from 1) of the text reaches the ticket, once. Whether it did now."""
        with self._db.transaction() as tx:
            ticket = repository.ticket(tx.session, ticket_id, hold=True)
            if number <= repository.corrections_noted(tx.session, ticket_id):
                return False
            now = self._clock.now()
            repository.change(tx.session, ticket, text=text, text_source=TextSource.CORRECTED, updated_at=now)
            self._timeline.record(tx, ticket_id, _by(person_id, ticket, TimelineFact.CORRECTED, self._clock))
            return True


def check(ticket: TicketFacts, action: TicketAction, actor: Actor) -> None:
    """Raises TicketActionNotAllowed (wrong time) or NotTheHolder (wrong person)."""
    check_action(
        ticket.status,
        action,
        is_holder=ticket.holder_person_id == actor.person_id,
        has_accepted=ticket.is_accepted,
        is_supervisor=actor.is_supervisor,
    )


def _by(
    person_id: str, ticket: TicketFacts, action: str, clock: Clock, *, note: str | None = None, **details: str
) -> Move:
    holder, status = ticket.holder_person_id, ticket.status
    return Move(
        action, clock.now(), ticket.round, status, status, holder, holder, by=person_id, note=note, details=details
    )
