"""Finds each ticket its holder: the first offer, the next one after a miss, the supervisor queue, an order."""

from datetime import datetime, timedelta
from typing import Any

from kit.clock import Clock
from kit.db import Database, Transaction
from ticketing import duty_repository, repository
from ticketing.domain.assignment import (
    HolderKind,
    MissReason,
    OfferOutcome,
    OfferTo,
    QueueForSupervisors,
    QueueReason,
    SeatRole,
    Skipped,
    next_holder,
    why_missed,
)
from ticketing.domain.errors import TicketMovedOn
from ticketing.domain.lifecycle import AWAITING_HOLDER, TicketAction, TimelineFact, check_action, next_status
from ticketing.domain.policy import TicketPolicy
from ticketing.domain.ticket import Actor, Relations, TicketFacts, is_identified, rights_of
from ticketing.timeline import Move, Timeline, stays


class AssignmentService:
    """Used through TicketService; `place` runs inside a transaction of its caller."""

    def __init__(self, db: Database, clock: Clock, policy: TicketPolicy, timeline: Timeline) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy
        self._timeline = timeline

    def place(self, tx: Transaction, ticket: TicketFacts) -> None:
        """First step of a round. The ticket is in the supervisor queue; its desk is held (see take_turns_at_desk)."""
        now = self._clock.now()
        self._hand_on(tx, ticket, self._next_step(tx, ticket, now), now)

    def expire_offers(self) -> int:
        """Every offer that ran out, or whose holder left, is a miss, and the next one is asked. How many."""
        now = self._clock.now()
        with self._db.reading() as session:
            offers = repository.open_offers(session)
            present = duty_repository.presences(session, {person_id for _, person_id, _ in offers})
        over = [
            ticket_id
            for ticket_id, person_id, expires_at in offers
            if why_missed(expires_at, present.get(person_id), grace_s=self._policy.presence_grace_s, now=now)
        ]
        return sum(self._move_on(ticket_id) for ticket_id in over)

    def drain_queue(self) -> int:
        """Queued tickets that nobody was asked to take in this round are offered as soon as somebody is free."""
        with self._db.reading() as session:
            waiting = repository.unasked_in_queue(session)
        offered = 0
        exhausted: set[str] = set()
        for ticket in waiting:
            if ticket.desk_id in exhausted:
                continue
            if self._offer_from_queue(ticket):
                offered += 1
            else:
                exhausted.add(ticket.desk_id)
        return offered

    def assign(self, tx: Transaction, ticket: TicketFacts, person_id: str, actor: Actor, note: str | None) -> None:
        """A supervisor names the holder, who has it at once, accepted; an open offer is withdrawn."""
        check_action(ticket.status, TicketAction.ASSIGN, rights_of(actor, ticket, Relations()))
        self._give(tx, ticket, person_id, by=actor.person_id, note=note)

    def take(self, tx: Transaction, ticket: TicketFacts, person_id: str) -> None:
        """Who talked with the citizen has the new ticket at once, accepted."""
        self._give(tx, ticket, person_id, by=person_id, note=None)

    def take_back(self, tx: Transaction, ticket: TicketFacts, person_id: str | None, by: str) -> None:
        """A ticket that its department gave back: to who sent it, if he is there; else to the supervisors."""
        presence = duty_repository.presence(tx.session, person_id) if person_id else None
        now = self._clock.now()
        if person_id and presence and presence.is_available(now, self._policy.presence_grace_s):
            self._give(tx, ticket, person_id, by=by, note=None)
        else:
            step = QueueForSupervisors(QueueReason.GIVEN_BACK)
            self._hand_on(tx, ticket, step, now)

    def _give(self, tx: Transaction, ticket: TicketFacts, person_id: str, *, by: str, note: str | None) -> None:
        now = self._clock.now()
        after = next_status(ticket.status, TicketAction.ASSIGN)
        seat_id, role = self._post_of(tx, ticket.desk_id, person_id, now)
        holder = _held_by(ticket, person_id, seat_id, role, None)
        repository.change(tx.session, ticket, status=after, updated_at=now, **holder)
        repository.end_offer(tx.session, ticket, OfferOutcome.WITHDRAWN, now)
        duty_repository.note_work(tx.session, person_id, now)
        move = Move(
            TicketAction.ASSIGN,
            now,
            ticket.round,
            ticket.status,
            after,
            ticket.holder_person_id,
            person_id,
            by=by,
            note=note,
        )
        self._timeline.record(tx, ticket.id, move)

    def _move_on(self, ticket_id: str) -> bool:
        try:
            with self._db.transaction() as tx:
                now = self._clock.now()
                duty_repository.take_turns_at_desk(tx, repository.ticket(tx.session, ticket_id).desk_id)
                ticket = repository.ticket(tx.session, ticket_id)
                reason = self._why_missed(tx, ticket, now)
                if reason is None:
                    return False
                self._hand_on(tx, ticket, self._next_step(tx, ticket, now), now, missed=reason)
                return True
        except TicketMovedOn:
            return False  # accepted or assigned in the same moment: that was first

    def _offer_from_queue(self, seen: TicketFacts) -> bool:
        """Whether the desk had somebody to ask (also when the ticket was gone from the queue meanwhile)."""
        try:
            with self._db.transaction() as tx:
                now = self._clock.now()
                duty_repository.take_turns_at_desk(tx, seen.desk_id)
                step = self._next_step(tx, seen, now)
                if isinstance(step, OfferTo):
                    self._hand_on(tx, seen, step, now)
                return isinstance(step, OfferTo)
        except TicketMovedOn:
            return True

    def _why_missed(self, tx: Transaction, ticket: TicketFacts, now: datetime) -> MissReason | None:
        if ticket.offer_expires_at is None or ticket.holder_person_id is None or ticket.status not in AWAITING_HOLDER:
            return None
        presence = duty_repository.presence(tx.session, ticket.holder_person_id)
        return why_missed(ticket.offer_expires_at, presence, grace_s=self._policy.presence_grace_s, now=now)

    def _next_step(self, tx: Transaction, ticket: TicketFacts, now: datetime) -> OfferTo | QueueForSupervisors:
        ladder = duty_repository.ladder(tx.session, ticket.desk_id, self._policy, now)
        asked = repository.asked(tx.session, ticket.id, ticket.round)
        preferred = None
        if not asked and is_identified(ticket.caller):
            preferred = repository.seat_of_open_ticket(tx.session, ticket.caller, besides=ticket.id)
        return next_holder(ladder, asked, preferred)

    def _hand_on(
        self,
        tx: Transaction,
        ticket: TicketFacts,
        step: OfferTo | QueueForSupervisors,
        now: datetime,
        missed: MissReason | None = None,
    ) -> None:
        """Give the ticket its next holder; raises TicketMovedOn when it is no longer as it was seen."""
        expires_at = now + timedelta(seconds=self._policy.offer_s)
        if isinstance(step, OfferTo):
            holder = _held_by(ticket, step.person_id, step.seat_id, step.role, expires_at)
        else:
            holder = held_by_supervisors(ticket)
        repository.change(tx.session, ticket, updated_at=now, **holder)
        if missed is not None:
            repository.end_offer(tx.session, ticket, OfferOutcome.MISSED, now)
            move = stays(ticket, TimelineFact.MISSED, now, reason=missed.value, offer_no=ticket.offer_no)
            self._timeline.record(tx, ticket.id, move)
        if isinstance(step, OfferTo):
            repository.add_offer(tx.session, ticket, step, ticket.offer_no + 1, now, expires_at)
            duty_repository.note_work(tx.session, step.person_id, now)
        self._timeline.record(tx, ticket.id, _step_row(ticket, step, now))

    def _post_of(
        self, tx: Transaction, desk_id: str, person_id: str, now: datetime
    ) -> tuple[str | None, SeatRole | None]:
        """The seat and role in which the person is on duty at the desk; supervisors mostly have none."""
        for pair in duty_repository.pairs_on_duty(tx.session, desk_id, now):
            if pair.a_person_id == person_id:
                return pair.seat_id, SeatRole.A
            if pair.b_person_id == person_id:
                return pair.seat_id, SeatRole.B
        return None, None


def _held_by(
    ticket: TicketFacts, person_id: str, seat_id: str | None, role: SeatRole | None, expires_at: datetime | None
) -> dict[str, Any]:
    return {
        "holder_kind": HolderKind.PERSON,
        "holder_person_id": person_id,
        "holder_seat_id": seat_id,
        "holder_role": role,
        "department_id": None,
        "offer_no": ticket.offer_no + 1,
        "offer_expires_at": expires_at,
    }


def held_by_supervisors(ticket: TicketFacts) -> dict[str, Any]:
    """Every column that says who has a ticket, and what he had begun with it."""
    return {
        "holder_kind": HolderKind.SUPERVISOR_QUEUE,
        "holder_person_id": None,
        "holder_seat_id": None,
        "holder_role": None,
        "department_id": None,
        "grab_until": None,
        "set_aside_from": None,
        "return_confirmed_by": None,
        "offer_expires_at": None,
        "offer_no": ticket.offer_no + 1,
    }


def _step_row(ticket: TicketFacts, step: OfferTo | QueueForSupervisors, now: datetime) -> Move:
    details: dict[str, Any] = {"skipped": [_skipped(miss) for miss in step.skipped], "round": ticket.round}
    if isinstance(step, OfferTo):
        action, to_person_id = TimelineFact.OFFERED, step.person_id
        details |= {"seat_id": step.seat_id, "role": step.role.value, "offer_no": ticket.offer_no + 1}
    else:
        action, to_person_id = TimelineFact.QUEUED, None
        details |= {"reason": step.reason.value, "alarm": step.is_alarm}
    return Move(
        action, now, ticket.round, ticket.status, ticket.status, ticket.holder_person_id, to_person_id, details=details
    )


def _skipped(miss: Skipped) -> dict[str, str]:
    return {
        "person_id": miss.person_id,
        "seat_id": miss.seat_id,
        "role": miss.role.value,
        "reason": miss.reason.value,
    }
