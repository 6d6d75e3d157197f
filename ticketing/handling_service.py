"""What people do with a ticket, on the seat and in the departments. One action, one transaction, one timeline row.

The table in `domain/lifecycle.py` decides whether, who and whereto; here is only what each action writes besides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kit.clock import Clock
from kit.db import Database, Transaction
from ticketing import department_repository, duty_repository, repository
from ticketing.assignment_service import AssignmentService, held_by_supervisors
from ticketing.domain.assignment import HolderKind, OfferOutcome
from ticketing.domain.clocks import GRAB
from ticketing.domain.department import DepartmentFacts, department_above
from ticketing.domain.errors import (
    DepartmentClosed,
    NeedMissing,
    NotConfirmed,
    NotInDepartment,
    OfferGone,
    TextMissing,
    TicketActionNotAllowed,
    TicketMovedOn,
    TicketNotFound,
)
from ticketing.domain.events import TicketResolved
from ticketing.domain.lifecycle import MoveCause, Need, Rule, TicketAction, check_action, next_status, rule_of
from ticketing.domain.policy import TicketPolicy
from ticketing.domain.ticket import Actor, Expedite, Relations, TicketFacts, may_see, rights_of
from ticketing.timeline import Timeline, between

_A = TicketAction
_ELSEWHERE = frozenset({_A.ASSIGN, _A.OPEN_ORIGINAL, _A.CORRECT, _A.DECIDE_SLOT})
"""People's actions that have a way of their own."""

_SENT_ON = frozenset({_A.DISPATCH, _A.OPEN_GRABBING})


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants to do to a ticket. `offer_no`: the offer that he was looking at, if he names it."""

    action: TicketAction
    text: str = field(default="", repr=False)
    department_ids: tuple[str, ...] = ()
    """To dispatch: one. To open for grabbing: the first is the one that has to, when nobody grabs."""
    cause: MoveCause | None = None
    level: Expedite | None = None
    offer_no: int | None = None


class HandlingService:
    """Used through TicketService."""

    def __init__(
        self, db: Database, clock: Clock, policy: TicketPolicy, timeline: Timeline, assignment: AssignmentService
    ) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy
        self._timeline = timeline
        self._assignment = assignment

    def act(self, ticket_id: str, intent: Intent, actor: Actor) -> None:
        """Raises TicketNotFound (also for tickets that are not his), NotTheHolder, OfferGone, NeedMissing,
        TextMissing, DepartmentNotFound, DepartmentClosed, NotInDepartment, NobodyAbove, NotConfirmed; and
        TicketActionNotAllowed or TicketMovedOn with what happened last when it is not as he saw it.
        """
        if intent.action in _ELSEWHERE:
            raise TicketActionNotAllowed(f"{intent.action} is not done this way", action=intent.action)
        try:
            with self._db.transaction() as tx:
                self._act(tx, ticket_id, intent, actor)
        except TicketMovedOn:
            if intent.action is _A.ACCEPT:
                raise OfferGone from None
            raise TicketMovedOn(**self._last_move(ticket_id)) from None
        except TicketActionNotAllowed as error:
            raise TicketActionNotAllowed(error.message, **(error.details | self._last_move(ticket_id))) from None

    def end_grabbing(self) -> int:
        """What nobody grabbed in time goes to the department that should have. How many."""
        now = self._clock.now()
        with self._db.reading() as session:
            overdue = repository.grabbing_over(session, now)
        return sum(self._end_grabbing(ticket_id, now) for ticket_id in overdue)

    # inside a transaction

    def _act(self, tx: Transaction, ticket_id: str, intent: Intent, actor: Actor) -> None:
        if intent.action is _A.APPROVE_RETURN:  # it goes back to a desk: everybody waits for the desk first
            duty_repository.take_turns_at_desk(tx, repository.ticket(tx.session, ticket_id).desk_id)
        ticket = repository.ticket(tx.session, ticket_id)
        relations = department_repository.relations(tx.session, ticket, actor)
        self._refuse(tx, ticket, intent, actor, relations)
        rule = check_action(ticket.status, intent.action, rights_of(actor, ticket, relations))
        _check_needs(rule, intent)
        now = self._clock.now()
        values: dict[str, Any] = {
            "status": next_status(ticket.status, intent.action, ticket.set_aside_from),
            "updated_at": now,
            **self._effect(tx, ticket, intent, actor, relations, now),
        }
        repository.change(tx.session, ticket, **values)
        if intent.action is _A.ACCEPT:
            repository.end_offer(tx.session, ticket, OfferOutcome.ACCEPTED, now)
        if intent.action is not _A.NOTE:
            duty_repository.note_work(tx.session, actor.person_id, now)
        after = repository.ticket(tx.session, ticket_id)
        self._record(tx, ticket, after, intent, actor, now)
        if intent.action is _A.RESOLVE:
            tx.raise_event(TicketResolved(ticket.id, ticket.round))
        if intent.action is _A.APPROVE_RETURN:
            self._assignment.take_back(tx, after, ticket.dispatched_by, actor.person_id)

    def _refuse(self, tx: Transaction, ticket: TicketFacts, intent: Intent, actor: Actor, relations: Relations) -> None:
        if intent.action is _A.ACCEPT and ticket.holder_person_id != actor.person_id:
            asked = repository.asked(tx.session, ticket.id, ticket.round)
            if any(offer.person_id == actor.person_id for offer in asked):
                raise OfferGone  # he was shown it: telling him that he is too late gives nothing away
        if intent.action is _A.GRAB and relations.may_grab:
            rule_of(ticket.status, _A.GRAB)  # the same here: he may know that another one was first
        if not may_see(actor, ticket, relations):
            raise TicketNotFound
        if intent.offer_no is not None and intent.offer_no != ticket.offer_no:
            raise OfferGone if intent.action is _A.ACCEPT else TicketMovedOn

    def _effect(  # noqa: C901 - one case per action
        self,
        tx: Transaction,
        ticket: TicketFacts,
        intent: Intent,
        actor: Actor,
        relations: Relations,
        now: datetime,
    ) -> dict[str, Any]:
        """The columns that the action writes, besides the status."""
        if intent.action in _SENT_ON and ticket.must_confirm:
            raise NotConfirmed
        match intent.action:
            case _A.ACCEPT:
                return {"offer_expires_at": None}
            case _A.CONFIRM:
                return {"must_confirm": False}
            case _A.KEEP_CONFIDENTIAL:
                return {"is_confidential": True}
            case _A.EXPEDITE:
                return {"expedited": intent.level}
            case _A.RESOLVE:
                return {"resolution": intent.text.strip(), "resolved_at": now, "resolved_by": actor.person_id}
            case _A.DISPATCH | _A.TRANSFER:
                (department,) = self._open_departments(tx, intent.department_ids[:1])
                return _held_by_department(ticket, department.id) | {"dispatched_by": actor.person_id}
            case _A.ESCALATE:
                above = self._department_above(tx, ticket)
                return _held_by_department(ticket, above.id) | {"dispatched_by": actor.person_id}
            case _A.OPEN_GRABBING:
                departments = self._open_departments(tx, intent.department_ids)
                department_repository.set_candidates(tx.session, ticket.id, [each.id for each in departments])
                return _on_grab_board(ticket, self._policy.clocks.due_of(GRAB, now)) | {
                    "dispatched_by": actor.person_id
                }
            case _A.GRAB:
                return _held_by_department(ticket, self._grabbing(tx, ticket, intent, relations))
            case _A.ASK_RETURN | _A.SUSPEND:
                return {"set_aside_from": ticket.status, "return_confirmed_by": None}
            case _A.CONFIRM_RETURN:
                return {"return_confirmed_by": actor.person_id}
            case _A.REFUSE_RETURN | _A.RESUME:
                return {"set_aside_from": None, "return_confirmed_by": None}
            case _A.APPROVE_RETURN:
                return held_by_supervisors(ticket)
        return {}

    def _record(
        self, tx: Transaction, before: TicketFacts, after: TicketFacts, intent: Intent, actor: Actor, now: datetime
    ) -> None:
        details: dict[str, Any] = {}
        if intent.cause is not None:
            details["cause"] = intent.cause.value
        if intent.level is not None:
            details["level"] = intent.level.value
        if intent.action is _A.OPEN_GRABBING:
            details["departments"] = list(intent.department_ids)
        text = intent.text.strip() or None
        move = between(before, after, intent.action, now, by=actor.person_id, note=text, details=details)
        self._timeline.record(tx, after.id, move)

    def _open_departments(self, tx: Transaction, department_ids: Sequence[str]) -> list[DepartmentFacts]:
        """Raises DepartmentNotFound, DepartmentClosed."""
        found = [department_repository.department(tx.session, each) for each in dict.fromkeys(department_ids)]
        for department in found:
            if not (department.is_active and department.takes_dispatch):
                raise DepartmentClosed(f"{department.name} takes no work", department_id=department.id)
        return found

    def _department_above(self, tx: Transaction, ticket: TicketFacts) -> DepartmentFacts:
        known = department_repository.departments(tx.session)
        assert ticket.department_id is not None, "only what a department has can be escalated"
        return department_above(known[ticket.department_id], known)

    def _grabbing(self, tx: Transaction, ticket: TicketFacts, intent: Intent, relations: Relations) -> str:
        """For which department: the one that he names, or the first of his that may; raises NotInDepartment."""
        may = [
            each
            for each in department_repository.candidates(tx.session, ticket.id)
            if each in relations.own_departments
        ]
        wanted = [each for each in may if each in intent.department_ids] if intent.department_ids else may
        if not wanted:
            raise NotInDepartment
        return wanted[0]

    def _end_grabbing(self, ticket_id: str, now: datetime) -> bool:
        try:
            with self._db.transaction() as tx:
                ticket = repository.ticket(tx.session, ticket_id)
                after = next_status(ticket.status, _A.END_GRABBING)
                first, *_ = department_repository.candidates(tx.session, ticket_id)
                held = _held_by_department(ticket, first)
                repository.change(tx.session, ticket, status=after, updated_at=now, **held)
                dispatched = repository.ticket(tx.session, ticket_id)
                move = between(ticket, dispatched, _A.END_GRABBING, now, details={"points": self._policy.grab_points})
                self._timeline.record(tx, ticket_id, move)
                return True
        except (TicketMovedOn, TicketActionNotAllowed):
            return False  # grabbed in the same moment: that was first

    def _last_move(self, ticket_id: str) -> dict[str, Any]:
        """Who did what last: what the one who came second is told."""
        with self._db.reading() as session:
            return repository.last_move(session, ticket_id)


def _check_needs(rule: Rule, intent: Intent) -> None:
    """Raises TextMissing, NeedMissing."""
    if Need.TEXT in rule.needs and not intent.text.strip():
        raise TextMissing
    given = {Need.DEPARTMENT: intent.department_ids, Need.CAUSE: intent.cause, Need.LEVEL: intent.level}
    for need, value in given.items():
        if need in rule.needs and not value:
            raise NeedMissing(f"{rule.action} needs a {need}", need=need.value, action=rule.action)


def _held_by_department(ticket: TicketFacts, department_id: str) -> dict[str, Any]:
    return held_by_supervisors(ticket) | {"holder_kind": HolderKind.DEPARTMENT, "department_id": department_id}


def _on_grab_board(ticket: TicketFacts, until: datetime) -> dict[str, Any]:
    return held_by_supervisors(ticket) | {"holder_kind": HolderKind.GRAB_BOARD, "grab_until": until}
