"""What people do with what was said: who opened the original, decided on a slot, corrected the text.

The words themselves are kept elsewhere; here is only who may, the row in the timeline, and the ticket's own text.
"""

from kit.clock import Clock
from kit.db import Database
from ticketing import department_repository, repository
from ticketing.domain.lifecycle import TicketAction, TimelineFact, check_action
from ticketing.domain.ticket import Actor, Relations, TextSource, TicketFacts, rights_of
from ticketing.timeline import Timeline, between


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
            check(ticket, action, actor, department_repository.relations(tx.session, ticket, actor))
            move = between(
                ticket,
                ticket,
                action,
                self._clock.now(),
                by=actor.person_id,
                note=note.strip() or None,
                details=details,
            )
            self._timeline.record(tx, ticket.id, move)

    def correct(self, ticket_id: str, number: int, text: str, person_id: str) -> bool:
        """Correction `number` (from 1) of the text reaches the ticket, once. Whether it did now."""
        with self._db.transaction() as tx:
            ticket = repository.ticket(tx.session, ticket_id, hold=True)
            if number <= repository.corrections_noted(tx.session, ticket_id):
                return False
            now = self._clock.now()
            repository.change(tx.session, ticket, text=text, text_source=TextSource.CORRECTED, updated_at=now)
            move = between(ticket, ticket, TimelineFact.CORRECTED, now, by=person_id)
            self._timeline.record(tx, ticket_id, move)
            return True


def check(ticket: TicketFacts, action: TicketAction, actor: Actor, relations: Relations) -> None:
    """Raises TicketActionNotAllowed (wrong time) or NotTheHolder (wrong person)."""
    check_action(ticket.status, action, rights_of(actor, ticket, relations))
