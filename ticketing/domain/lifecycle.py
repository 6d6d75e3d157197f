"""The life of a ticket 工单: one table of rules. When an action is allowed, whose it is, what it needs, where it leads.

The screens ask it which actions to offer, the service asks it before every move, and docs/ticket-life.md is drawn
from it. Read it from top to bottom: it is the way of a ticket.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum

from ticketing.domain.errors import NotTheHolder, TicketActionNotAllowed


class TicketStatus(StrEnum):
    NEW = "new"
    ACCEPTED = "accepted"
    GRABBING = "grabbing"
    """Open to several departments; the first that grabs has it."""
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    HANDLING = "handling"
    RETURNING = "returning"
    """Its department wants to give it back, and still has it until two people agreed."""
    RETURN_CONFIRMED = "return_confirmed"
    """One of the two agreed."""
    RETURNED = "returned"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    REVISIT = "revisit"
    CLOSED = "closed"
    REOPENED = "reopened"
    """Handled again by whoever had it: its department, or the seats."""


class TicketAction(StrEnum):
    ACCEPT = "accept"
    ASSIGN = "assign"
    """A supervisor names the holder: an order, not an offer, so it needs no acceptance."""
    NOTE = "note"
    OPEN_ORIGINAL = "open_original"
    """See and hear what is masked for everybody else."""
    CORRECT = "correct"
    """Write down what the citizen really said."""
    DECIDE_SLOT = "decide_slot"
    """Confirm or set what the machine found in the words."""
    KEEP_CONFIDENTIAL = "keep_confidential"
    """Who asks is hidden from the departments."""
    CONFIRM = "confirm"
    """The citizen was phoned before the ticket is sent on."""
    DISPATCH = "dispatch"
    OPEN_GRABBING = "open_grabbing"
    GRAB = "grab"
    END_GRABBING = "end_grabbing"
    """Nobody grabbed in time: it goes to the one that should have, and that costs points."""
    SIGN = "sign"
    ARRIVE = "arrive"
    """On the spot."""
    PROGRESS = "progress"
    RESOLVE = "resolve"
    ASK_RETURN = "ask_return"
    CONFIRM_RETURN = "confirm_return"
    APPROVE_RETURN = "approve_return"
    REFUSE_RETURN = "refuse_return"
    TRANSFER = "transfer"
    ESCALATE = "escalate"
    """To the department above."""
    SUSPEND = "suspend"
    RESUME = "resume"
    EXPEDITE = "expedite"
    START_REVISIT = "start_revisit"
    CLOSE = "close"
    REOPEN = "reopen"


class TimelineFact(StrEnum):
    """What the timeline records besides actions."""

    CREATED = "created"
    TRANSCRIBED = "transcribed"
    """The text came after the ticket."""
    OFFERED = "offered"
    MISSED = "missed"
    QUEUED = "queued"
    WARNED = "warned"
    """A clock is near its end."""
    BREACHED = "breached"
    CORRECTED = "corrected"


class Right(StrEnum):
    """What a person is to a ticket. He may be several things at once."""

    ASKED = "asked"
    """It is offered to him, and he has not said yes."""
    HOLDER = "holder"
    """He accepted it."""
    DEPARTMENT = "department"
    """He belongs to the department that has it."""
    CANDIDATE = "candidate"
    """He belongs to one that may grab it."""
    DISPATCHER = "dispatcher"
    """He sent it to the department that has it."""
    SUPERVISOR = "supervisor"
    SECOND = "second"
    """He may agree to a return and did not do so yet: what needs two people needs two different ones."""


class Need(StrEnum):
    """What an action cannot go without."""

    TEXT = "text"
    PERSON = "person"
    DEPARTMENT = "department"
    CAUSE = "cause"
    LEVEL = "level"


class MoveCause(StrEnum):
    """Why a ticket is given back, or stands still."""

    NOT_OURS = "not_ours"
    WRONG_PLACE = "wrong_place"
    UNCLEAR = "unclear"
    DUPLICATE = "duplicate"
    NEEDS_TIME = "needs_time"
    WAITS_FOR_OTHERS = "waits_for_others"
    WAITS_FOR_CITIZEN = "waits_for_citizen"
    WEATHER = "weather"
    IN_COURT = "in_court"


class After(Enum):
    """Where a rule leads, when that is no fixed status."""

    SAME = "same"
    BACK = "back"
    """To the status before it was set aside."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`who` empty: no person may; it follows from the callback or from a clock."""

    action: TicketAction
    before: frozenset[TicketStatus]
    after: TicketStatus | After
    who: frozenset[Right] = frozenset()
    needs: frozenset[Need] = frozenset()


_A, _S = TicketAction, TicketStatus

AWAITING_HOLDER = frozenset({_S.NEW, _S.REOPENED, _S.RETURNED})
"""Nobody on the seats has taken it on yet: the assignment still moves it."""

ON_SEAT = AWAITING_HOLDER | {_S.ACCEPTED}
"""Counts as load of the person who holds it."""

ABROAD = frozenset({_S.DISPATCHED, _S.SIGNED, _S.HANDLING, _S.RETURNING, _S.RETURN_CONFIRMED})
"""With a department that can do something."""

SET_ASIDE = frozenset({_S.RETURNING, _S.RETURN_CONFIRMED, _S.SUSPENDED})
"""Remembers the status it comes back to."""

WORKING = ON_SEAT | ABROAD | {_S.GRABBING, _S.SUSPENDED}
"""Somebody still has to do something before the citizen can be asked."""

_AWAITING_SIGNATURE = frozenset({_S.DISPATCHED, _S.REOPENED})
_RETURNABLE = _AWAITING_SIGNATURE | {_S.SIGNED, _S.HANDLING}
_UNTIL_CLOSED = frozenset(_S) - {_S.CLOSED}
_TAKING_PART = frozenset({Right.ASKED, Right.HOLDER, Right.DEPARTMENT, Right.SUPERVISOR})
_KNOWING = frozenset({Right.HOLDER, Right.SUPERVISOR})
_SENDING = frozenset({Right.HOLDER, Right.SUPERVISOR})


def _rules() -> Iterator[Rule]:
    yield from _on_the_seat()
    yield from _in_the_department()
    yield from _giving_back()
    yield from _pressing()
    yield from _asking_the_citizen()
    yield from _beside()


def _on_the_seat() -> Iterator[Rule]:
    yield _rule(_A.ACCEPT, AWAITING_HOLDER, _S.ACCEPTED, {Right.ASKED})
    yield _rule(_A.ASSIGN, ON_SEAT, _S.ACCEPTED, {Right.SUPERVISOR}, {Need.PERSON})
    yield _rule(_A.CONFIRM, {_S.ACCEPTED}, After.SAME, {Right.HOLDER}, {Need.TEXT})
    yield _rule(_A.RESOLVE, {_S.ACCEPTED}, _S.RESOLVED, {Right.HOLDER}, {Need.TEXT})  # answered directly
    yield _rule(_A.DISPATCH, {_S.ACCEPTED, _S.GRABBING}, _S.DISPATCHED, _SENDING, {Need.DEPARTMENT})
    yield _rule(_A.OPEN_GRABBING, {_S.ACCEPTED}, _S.GRABBING, _SENDING, {Need.DEPARTMENT})


def _in_the_department() -> Iterator[Rule]:
    theirs = {Right.DEPARTMENT}
    yield _rule(_A.GRAB, {_S.GRABBING}, _S.SIGNED, {Right.CANDIDATE})
    yield _rule(_A.END_GRABBING, {_S.GRABBING}, _S.DISPATCHED)
    yield _rule(_A.SIGN, _AWAITING_SIGNATURE, _S.SIGNED, theirs)
    yield _rule(_A.ARRIVE, {_S.SIGNED, _S.HANDLING}, _S.HANDLING, theirs)
    yield _rule(_A.PROGRESS, {_S.SIGNED, _S.HANDLING}, _S.HANDLING, theirs, {Need.TEXT})
    yield _rule(_A.RESOLVE, {_S.SIGNED, _S.HANDLING}, _S.RESOLVED, theirs, {Need.TEXT})
    may_stop = theirs | {Right.SUPERVISOR}
    yield _rule(_A.SUSPEND, {_S.SIGNED, _S.HANDLING}, _S.SUSPENDED, may_stop, {Need.CAUSE, Need.TEXT})
    yield _rule(_A.RESUME, {_S.SUSPENDED}, After.BACK, may_stop)


def _giving_back() -> Iterator[Rule]:
    """The wrong department: two people have to agree, and it has it until they did."""
    judges = {Right.SUPERVISOR, Right.DISPATCHER}
    under_review = {_S.RETURNING, _S.RETURN_CONFIRMED}
    yield _rule(
        _A.ASK_RETURN,
        _RETURNABLE,
        _S.RETURNING,
        {Right.DEPARTMENT},
        {Need.CAUSE, Need.TEXT},
    )
    yield _rule(_A.CONFIRM_RETURN, {_S.RETURNING}, _S.RETURN_CONFIRMED, judges)
    yield _rule(_A.APPROVE_RETURN, {_S.RETURN_CONFIRMED}, _S.RETURNED, {Right.SECOND})
    yield _rule(_A.REFUSE_RETURN, under_review, After.BACK, judges, {Need.TEXT})


def _pressing() -> Iterator[Rule]:
    supervisor = {Right.SUPERVISOR}
    movable = ABROAD | {_S.REOPENED, _S.SUSPENDED}
    yield _rule(_A.TRANSFER, movable, _S.DISPATCHED, supervisor, {Need.DEPARTMENT, Need.TEXT})
    upwards = {Right.DEPARTMENT, Right.SUPERVISOR}
    yield _rule(_A.ESCALATE, _RETURNABLE, _S.DISPATCHED, upwards, {Need.TEXT})
    yield _rule(_A.EXPEDITE, WORKING, After.SAME, supervisor, {Need.LEVEL, Need.TEXT})


def _asking_the_citizen() -> Iterator[Rule]:
    """No person: whoever handled a ticket can never end its revisit."""
    yield _rule(_A.START_REVISIT, {_S.RESOLVED}, _S.REVISIT)
    yield _rule(_A.CLOSE, {_S.REVISIT}, _S.CLOSED)
    yield _rule(_A.REOPEN, {_S.REVISIT}, _S.REOPENED)


def _beside() -> Iterator[Rule]:
    """Changes nothing of the way."""
    yield _rule(_A.OPEN_ORIGINAL, frozenset(_S), After.SAME, _KNOWING, {Need.TEXT})
    yield _rule(_A.NOTE, _UNTIL_CLOSED, After.SAME, _TAKING_PART, {Need.TEXT})
    yield _rule(_A.CORRECT, _UNTIL_CLOSED, After.SAME, _KNOWING)
    yield _rule(_A.DECIDE_SLOT, _UNTIL_CLOSED, After.SAME, _KNOWING)
    yield _rule(_A.KEEP_CONFIDENTIAL, _UNTIL_CLOSED, After.SAME, _KNOWING, {Need.TEXT})


def _rule(
    action: TicketAction,
    before: Iterable[TicketStatus],
    after: TicketStatus | After,
    who: Iterable[Right] = (),
    needs: Iterable[Need] = (),
) -> Rule:
    return Rule(action, frozenset(before), after, frozenset(who), frozenset(needs))


RULES: tuple[Rule, ...] = tuple(_rules())

TICKET_LIFE: dict[tuple[TicketStatus, TicketAction], Rule] = {
    (status, rule.action): rule for rule in RULES for status in rule.before
}


MOVES: frozenset[TicketAction] = frozenset(
    {
        *(_A.CONFIRM, _A.KEEP_CONFIDENTIAL, _A.DISPATCH, _A.OPEN_GRABBING, _A.GRAB, _A.SIGN, _A.ARRIVE, _A.PROGRESS),
        *(_A.ASK_RETURN, _A.CONFIRM_RETURN, _A.APPROVE_RETURN, _A.REFUSE_RETURN, _A.TRANSFER, _A.ESCALATE),
        *(_A.SUSPEND, _A.RESUME, _A.EXPEDITE),
    }
)
"""What is done to a ticket on its way through the departments."""


def rule_of(status: TicketStatus, action: TicketAction) -> Rule:
    """Raises TicketActionNotAllowed where the table has no row."""
    try:
        return TICKET_LIFE[status, action]
    except KeyError:
        raise TicketActionNotAllowed(
            f"a ticket that is {status} does not allow {action}", status=status, action=action
        ) from None


def next_status(status: TicketStatus, action: TicketAction, set_aside_from: TicketStatus | None = None) -> TicketStatus:
    """Status after the action. `set_aside_from`: what it was before it was suspended, or asked to be returned.

    Raises TicketActionNotAllowed.
    """
    after = rule_of(status, action).after
    if after is After.SAME:
        return status
    if after is After.BACK:
        if set_aside_from is None:
            raise TicketActionNotAllowed("nothing to go back to", status=status, action=action)
        return set_aside_from
    assert isinstance(after, TicketStatus)
    return after


def allowed_rules(status: TicketStatus, rights: frozenset[Right]) -> tuple[Rule, ...]:
    """What somebody with these rights may do now, in the order of the table: the buttons of his screen."""
    return tuple(rule for rule in RULES if status in rule.before and rule.who & rights)


def allowed_actions(status: TicketStatus, rights: frozenset[Right]) -> tuple[TicketAction, ...]:
    return tuple(rule.action for rule in allowed_rules(status, rights))


def check_action(status: TicketStatus, action: TicketAction, rights: frozenset[Right]) -> Rule:
    """The rule that lets him; raises TicketActionNotAllowed (wrong time) or NotTheHolder (wrong person)."""
    rule = rule_of(status, action)
    if not rule.who & rights:
        raise NotTheHolder(f"{action} is not for this person", action=action)
    return rule
