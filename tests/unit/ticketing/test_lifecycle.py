"""The life table of a ticket: its rows as they were agreed, and what follows from them over every combination."""

from itertools import chain, combinations, product

import pytest

from ticketing.domain.errors import NotTheHolder, TicketActionNotAllowed
from ticketing.domain.lifecycle import (
    ABROAD,
    AWAITING_HOLDER,
    ON_SEAT,
    RULES,
    SET_ASIDE,
    TICKET_LIFE,
    WORKING,
    After,
    Right,
    TicketAction,
    TicketStatus,
    allowed_actions,
    check_action,
    next_status,
)

S = TicketStatus
A = TicketAction

BESIDE = {A.NOTE, A.CORRECT, A.DECIDE_SLOT, A.KEEP_CONFIDENTIAL}
WAY = {
    S.NEW: {A.ACCEPT: S.ACCEPTED, A.ASSIGN: S.ACCEPTED},
    S.RETURNED: {A.ACCEPT: S.ACCEPTED, A.ASSIGN: S.ACCEPTED},
    S.ACCEPTED: {
        A.RESOLVE: S.RESOLVED,
        A.ASSIGN: S.ACCEPTED,
        A.CONFIRM: S.ACCEPTED,
        A.DISPATCH: S.DISPATCHED,
        A.OPEN_GRABBING: S.GRABBING,
    },
    S.GRABBING: {A.GRAB: S.SIGNED, A.END_GRABBING: S.DISPATCHED, A.DISPATCH: S.DISPATCHED},
    S.DISPATCHED: {
        A.SIGN: S.SIGNED,
        A.ASK_RETURN: S.RETURNING,
        A.TRANSFER: S.DISPATCHED,
        A.ESCALATE: S.DISPATCHED,
    },
    S.SIGNED: {
        A.ARRIVE: S.HANDLING,
        A.PROGRESS: S.HANDLING,
        A.RESOLVE: S.RESOLVED,
        A.SUSPEND: S.SUSPENDED,
        A.ASK_RETURN: S.RETURNING,
        A.TRANSFER: S.DISPATCHED,
        A.ESCALATE: S.DISPATCHED,
    },
    S.RETURNING: {A.CONFIRM_RETURN: S.RETURN_CONFIRMED, A.TRANSFER: S.DISPATCHED},
    S.RETURN_CONFIRMED: {A.APPROVE_RETURN: S.RETURNED, A.TRANSFER: S.DISPATCHED},
    S.SUSPENDED: {A.TRANSFER: S.DISPATCHED},
    S.RESOLVED: {A.START_REVISIT: S.REVISIT},
    S.REVISIT: {A.CLOSE: S.CLOSED, A.REOPEN: S.REOPENED},
    S.CLOSED: {},
    S.REOPENED: {
        A.ACCEPT: S.ACCEPTED,
        A.ASSIGN: S.ACCEPTED,
        A.SIGN: S.SIGNED,
        A.ASK_RETURN: S.RETURNING,
        A.TRANSFER: S.DISPATCHED,
        A.ESCALATE: S.DISPATCHED,
    },
}
WAY[S.HANDLING] = dict(WAY[S.SIGNED])
RETURNS_TO_WHERE_IT_WAS = {
    (S.RETURNING, A.REFUSE_RETURN),
    (S.RETURN_CONFIRMED, A.REFUSE_RETURN),
    (S.SUSPENDED, A.RESUME),
}
for each in S:
    WAY[each] |= dict.fromkeys({A.OPEN_ORIGINAL} if each is S.CLOSED else {A.OPEN_ORIGINAL, *BESIDE}, each)
    if each in WORKING:
        WAY[each][A.EXPEDITE] = each
EVERY_RIGHTS = [frozenset(few) for few in chain.from_iterable(combinations(Right, n) for n in range(3))]


@pytest.mark.parametrize(("status", "action"), list(product(S, A)))
def test_every_status_and_action_has_exactly_the_outcome_of_the_way(status: S, action: A) -> None:
    if (status, action) in RETURNS_TO_WHERE_IT_WAS:
        assert next_status(status, action, S.SIGNED) is S.SIGNED
        with pytest.raises(TicketActionNotAllowed):
            next_status(status, action, None)
    elif action in WAY[status]:
        assert next_status(status, action) is WAY[status][action]
    else:
        with pytest.raises(TicketActionNotAllowed):
            next_status(status, action)


def test_a_status_and_an_action_meet_in_one_rule_only() -> None:
    assert len(TICKET_LIFE) == sum(len(rule.before) for rule in RULES)


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("rights", EVERY_RIGHTS, ids=lambda rights: "+".join(sorted(rights)))
def test_the_screen_offers_exactly_what_the_guard_lets_pass(status: S, rights: frozenset[Right]) -> None:
    offered = allowed_actions(status, rights)
    assert len(set(offered)) == len(offered)
    for action in A:
        try:
            rule = check_action(status, action, rights)
        except (NotTheHolder, TicketActionNotAllowed):
            assert action not in offered
        else:
            assert action in offered
            assert rule is TICKET_LIFE[status, action]


def test_no_person_can_end_a_revisit_nor_the_time_for_grabbing() -> None:
    for_nobody = {rule.action for rule in RULES if not rule.who}
    assert for_nobody == {A.START_REVISIT, A.CLOSE, A.REOPEN, A.END_GRABBING}


def test_every_status_can_be_left_until_it_is_closed_and_every_one_is_reached() -> None:
    onward = {status: {after for after in WAY[status].values() if after is not status} for status in S}
    assert [status for status in S if not onward[status]] == [S.CLOSED]
    assert set().union(*onward.values()) == set(S) - {S.NEW}


def test_what_was_set_aside_comes_back_and_nothing_else_does() -> None:
    back = {status for rule in RULES if rule.after is After.BACK for status in rule.before}
    assert back == SET_ASIDE


def test_the_groups_of_statuses_tell_who_has_to_act() -> None:
    assert AWAITING_HOLDER < ON_SEAT
    assert ON_SEAT.isdisjoint(ABROAD)
    assert set(S) - WORKING == {S.RESOLVED, S.REVISIT, S.CLOSED}


def test_who_was_asked_may_accept_and_note_but_not_resolve() -> None:
    assert set(allowed_actions(S.NEW, frozenset({Right.ASKED}))) == {A.ACCEPT, A.NOTE}


def test_a_supervisor_resolves_only_what_he_took_over() -> None:
    assert A.RESOLVE not in allowed_actions(S.ACCEPTED, frozenset({Right.SUPERVISOR}))
    assert A.RESOLVE in allowed_actions(S.ACCEPTED, frozenset({Right.SUPERVISOR, Right.HOLDER}))


def test_a_department_gives_back_only_with_two_people_of_the_hotline() -> None:
    departments = frozenset({Right.DEPARTMENT, Right.CANDIDATE})
    for status in SET_ASIDE:
        assert not {A.CONFIRM_RETURN, A.APPROVE_RETURN, A.REFUSE_RETURN} & set(allowed_actions(status, departments))
    assert A.APPROVE_RETURN not in allowed_actions(S.RETURN_CONFIRMED, frozenset({Right.SUPERVISOR, Right.DISPATCHER}))
    assert A.APPROVE_RETURN in allowed_actions(S.RETURN_CONFIRMED, frozenset({Right.SECOND}))


@pytest.mark.parametrize("action", [A.OPEN_ORIGINAL, A.CORRECT, A.DECIDE_SLOT])
def test_what_was_said_is_for_who_handles_it_on_the_seat_and_for_supervisors(action: A) -> None:
    may = {right for right in Right if action in allowed_actions(S.NEW, frozenset({right}))}
    assert may == {Right.HOLDER, Right.SUPERVISOR}


def test_a_closed_ticket_can_still_be_looked_into_but_not_changed() -> None:
    assert set(allowed_actions(S.CLOSED, frozenset(Right))) == {A.OPEN_ORIGINAL}


def test_a_stranger_may_do_nothing() -> None:
    assert all(allowed_actions(status, frozenset()) == () for status in S)
