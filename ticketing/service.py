"""The use cases of a ticket 工单: number, opening, people's actions, revisit, clocks. One method, one transaction."""

from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit.clock import Clock
from kit.db import Database, Transaction
from kit.ids import new_id
from kit.phone_number import normalise
from ticketing import department_repository, duty_repository, repository
from ticketing.assignment_service import AssignmentService
from ticketing.clock_service import ClockService
from ticketing.domain.assignment import HolderKind
from ticketing.domain.errors import PersonUnknown, TicketActionNotAllowed, TicketNotFound
from ticketing.domain.lifecycle import MoveCause, Rule, TicketAction, TicketStatus, TimelineFact, allowed_rules
from ticketing.domain.policy import TicketPolicy
from ticketing.domain.ticket import Actor as Actor
from ticketing.domain.ticket import (
    Expedite,
    TextSource,
    TicketFacts,
    is_identified,
    may_know_who_asks,
    may_see,
    rights_of,
)
from ticketing.domain.ticket_number import day_of, format_number
from ticketing.handling_service import HandlingService, Intent
from ticketing.models import Ticket, TicketNumber
from ticketing.revisit_service import RevisitService
from ticketing.text_service import TextService, check
from ticketing.timeline import Move, Timeline, stays

_RECORDED_ACTIONS = frozenset({TicketAction.OPEN_ORIGINAL, TicketAction.DECIDE_SLOT})
_TOLD_ON_THE_PHONE = 10


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A voice message that is to become a ticket."""

    voice_message_id: str
    caller: str = field(repr=False)
    text: str = field(repr=False)
    text_source: TextSource
    reserved_for: str
    """The id of the call (or other source) whose number it gets: the one read to the caller, if one was."""
    taken_by: str | None = None
    """Who talked with the citizen and has it at once, accepted; None: it is offered."""
    number: str | None = None
    """None: looked up by `reserved_for`, or reserved now."""


class TicketService:
    def __init__(self, db: Database, clock: Clock, policy: TicketPolicy) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy
        self._timeline = Timeline(policy.clocks)
        self._assignment = AssignmentService(db, clock, policy, self._timeline)
        self._revisit = RevisitService(db, clock, self._timeline, self._assignment)
        self._handling = HandlingService(db, clock, policy, self._timeline, self._assignment)
        self._texts = TextService(db, clock, self._timeline)
        self.clocks = ClockService(db, clock, policy.clocks, self._timeline)

    # opening

    def reserve_number(self, reserved_for: str) -> str:
        """A ticket number; asking twice for the same source gives the same one."""
        with self._db.transaction() as tx:
            tx.take_turns("ticketing.number")
            return repository.reserved_number(tx.session, reserved_for) or self._next_number(tx, reserved_for)

    def open_ticket(self, new: NewTicket) -> str:
        """The ticket of a voice message, on somebody's seat or with the supervisors. Repeatable. Its id.

        A ticket that still waits for its text (TextSource.PENDING_TRANSCRIPT) gets the one that is brought.
        """
        with self._db.reading() as session:
            known = repository.ticket_id_of_message(session, new.voice_message_id)
        if known is not None:
            self._attach_text(known, new)
            return known
        number = new.number or self.reserve_number(new.reserved_for)
        with self._db.transaction() as tx:
            desk_id = duty_repository.intake_desk_id(tx.session)
            duty_repository.take_turns_at_desk(tx, desk_id)
            # a racing opener of the same message waited here, and finds the ticket now
            known = repository.ticket_id_of_message(tx.session, new.voice_message_id)
            if known is None:
                return self._open(tx, new, number, desk_id)
        self._attach_text(known, new)
        return known

    # what people do

    def act(
        self,
        ticket_id: str,
        action: TicketAction,
        actor: Actor,
        note: str = "",
        offer_no: int | None = None,
        *,
        department_ids: tuple[str, ...] = (),
        cause: MoveCause | None = None,
        level: Expedite | None = None,
    ) -> None:
        """What the table of the life lets this person do now; see HandlingService.act for what it raises.

        `note`: the text of the action: a note, the resolution, a reason. `offer_no`: the offer that he was looking
        at, if he names it. `department_ids`: where it goes; several, and in order, to open it for grabbing.
        """
        self._handling.act(ticket_id, Intent(action, note, department_ids, cause, level, offer_no), actor)

    def assign(self, ticket_id: str, person_id: str, actor: Actor, note: str = "") -> None:
        """A supervisor gives the ticket to a person (himself: takes it over), whoever holds it now.

        It counts as accepted at once. Raises PersonUnknown, NotTheHolder, TicketActionNotAllowed, TicketMovedOn.
        """
        try:
            with self._db.transaction() as tx:
                ticket = repository.ticket(tx.session, ticket_id)
                _refuse_strangers(tx.session, ticket, actor)
                self._assignment.assign(tx, ticket, person_id, actor, note.strip() or None)
        except IntegrityError:
            raise PersonUnknown from None

    def check(self, ticket_id: str, action: TicketAction, actor: Actor) -> None:
        """Raises TicketNotFound, TicketActionNotAllowed or NotTheHolder unless this person may do it now."""
        ticket = self.visible_ticket(ticket_id, actor)
        with self._db.reading() as session:
            relations = department_repository.relations(session, ticket, actor)
        check(ticket, action, actor, relations)

    def record(self, ticket_id: str, action: TicketAction, actor: Actor, note: str = "", **details: str) -> None:
        """Opening the original or deciding on a slot: write into the timeline who did it, and why.

        Raises TicketNotFound, TicketActionNotAllowed, NotTheHolder.
        """
        if action not in _RECORDED_ACTIONS:
            raise TicketActionNotAllowed(f"{action} is not done this way", action=action)
        self._texts.record(self.visible_ticket(ticket_id, actor), action, actor, note, **details)

    def correct_text(self, ticket_id: str, number: int, text: str, person_id: str) -> bool:
        """Correction `number` (from 1) of what was said becomes the ticket's text, once. Whether it did now."""
        return self._texts.correct(ticket_id, number, text, person_id)

    # what follows from the callback: system moves, each done once per round

    def start_revisit(self, ticket_id: str, round_no: int) -> bool:
        """The citizen is being asked. Whether it moved; False: this round is past that already."""
        return self._revisit.start(ticket_id, round_no)

    def close(self, ticket_id: str, round_no: int, reason: str) -> bool:
        """The citizen is content. Whether it moved; False: this round is past that already."""
        return self._revisit.close(ticket_id, round_no, reason)

    def reopen(self, ticket_id: str, round_no: int, reason: str) -> bool:
        """The citizen is not content with round `round_no`: the next one begins with fresh clocks and holder.

        Whether it moved; False: this round is past that already.
        """
        return self._revisit.reopen(ticket_id, round_no, reason)

    # ticks of the scheduler

    def expire_offers(self) -> int:
        """Offers that ran out, or whose holder left, go to the next person. How many moved."""
        return self._assignment.expire_offers()

    def drain_queue(self) -> int:
        """Queued tickets nobody was asked to take (nobody was there) go to whoever is free now. How many."""
        return self._assignment.drain_queue()

    def end_grabbing(self) -> int:
        """Tickets that nobody grabbed in time go to the department that should have. How many."""
        return self._handling.end_grabbing()

    # reading

    def ticket(self, ticket_id: str) -> TicketFacts:
        """For the system's own steps; what a person may see is `visible_ticket`. Raises TicketNotFound."""
        with self._db.reading() as session:
            return repository.ticket(session, ticket_id)

    def ticket_of_message(self, voice_message_id: str) -> str | None:
        with self._db.reading() as session:
            return repository.ticket_id_of_message(session, voice_message_id)

    def visible_ticket(self, ticket_id: str, actor: Actor) -> TicketFacts:
        """Raises TicketNotFound also for a ticket that is not this person's."""
        with self._db.reading() as session:
            ticket = repository.ticket(session, ticket_id)
            _refuse_strangers(session, ticket, actor)
            return ticket

    def allowed_rules(self, ticket: TicketFacts, actor: Actor) -> tuple[Rule, ...]:
        """What this person may do with it: the buttons of the screen, and the guard of `act`."""
        with self._db.reading() as session:
            relations = department_repository.relations(session, ticket, actor)
        return allowed_rules(ticket.status, rights_of(actor, ticket, relations))

    def allowed_actions(self, ticket: TicketFacts, actor: Actor) -> tuple[TicketAction, ...]:
        return tuple(rule.action for rule in self.allowed_rules(ticket, actor))

    def may_know_who_asks(self, ticket: TicketFacts, actor: Actor) -> bool:
        """Of a confidential ticket the departments do not learn the citizen."""
        with self._db.reading() as session:
            return may_know_who_asks(actor, ticket, department_repository.relations(session, ticket, actor))

    def open_tickets_of(self, caller: str) -> list[TicketFacts]:
        """Not closed yet, newest first, at most ten. None for callers who withhold their number."""
        number = normalise(caller)
        if not is_identified(number):
            return []
        with self._db.reading() as session:
            return repository.open_tickets_of(session, number, _TOLD_ON_THE_PHONE)

    # inside a transaction

    def _next_number(self, tx: Transaction, reserved_for: str) -> str:
        day = day_of(self._clock.now(), self._policy.timezone)
        serial = repository.last_serial(tx.session, day) + 1
        number = format_number(day, serial)
        tx.session.add(TicketNumber(number=number, day=day, serial=serial, reserved_for=reserved_for, is_used=False))
        tx.session.flush()
        return number

    def _open(self, tx: Transaction, new: NewTicket, number: str, desk_id: str) -> str:
        now = self._clock.now()
        ticket = Ticket(
            id=new_id(),
            number=number,
            status=TicketStatus.NEW,
            voice_message_id=new.voice_message_id,
            caller=normalise(new.caller),
            text=new.text,
            text_source=new.text_source,
            desk_id=desk_id,
            round=1,
            holder_kind=HolderKind.SUPERVISOR_QUEUE,
            offer_no=0,
            created_at=now,
            updated_at=now,
        )
        tx.session.add(ticket)
        tx.session.flush()
        repository.mark_number_used(tx.session, number)
        created = Move(TimelineFact.CREATED, now, 1, None, TicketStatus.NEW, None, None)
        self._timeline.record(tx, ticket.id, created)
        opened = repository.ticket(tx.session, ticket.id)
        if new.taken_by is not None:
            self._assignment.take(tx, opened, new.taken_by)
        else:
            self._assignment.place(tx, opened)
        return ticket.id

    def _attach_text(self, ticket_id: str, new: NewTicket) -> None:
        """Once. Raises TicketMovedOn when something else changes the ticket just now: the step is repeated."""
        if new.text_source is TextSource.PENDING_TRANSCRIPT:
            return
        with self._db.transaction() as tx:
            ticket = repository.ticket(tx.session, ticket_id, hold=True)
            if ticket.text_source is not TextSource.PENDING_TRANSCRIPT:
                return
            now = self._clock.now()
            repository.change(tx.session, ticket, text=new.text, text_source=new.text_source, updated_at=now)
            self._timeline.record(tx, ticket_id, stays(ticket, TimelineFact.TRANSCRIBED, now))


def _refuse_strangers(session: Session, ticket: TicketFacts, actor: Actor) -> None:
    if not may_see(actor, ticket, department_repository.relations(session, ticket, actor)):
        raise TicketNotFound
