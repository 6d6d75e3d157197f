"""The life table of a ticket, over the full product of status, action and person."""

from itertools import product

import pytest

from ticketing.domain.errors import NotTheHolder, TicketActionNotAllowed
from ticketing.domain.lifecycle import (
    TICKET_LIFE,
    TicketAction,
    TicketStatus,
    allowed_actions,
    check_action,
    next_status,
)

S = TicketStatus
A = TicketAction

ANY_TIME = {A.OPEN_ORIGINAL}
UNTIL_CLOSED = {A.NOTE, A.CORRECT, A.DECIDE_SLOT}
EXPECTED = {
    S.NEW: {A.ACCEPT: S.ACCEPTED, A.ASSIGN: S.ACCEPTED},
    S.ACCEPTED: {A.RESOLVE: S.RESOLVED, A.ASSIGN: S.ACCEPTED},
    S.RESOLVED: {A.START_REVISIT: S.REVISIT},
    S.REVISIT: {A.CLOSE: S.CLOSED, A.REOPEN: S.REOPENED},
    S.CLOSED: {},
    S.REOPENED: {A.ACCEPT: S.ACCEPTED, A.ASSIGN: S.ACCEPTED},
}
for each in S:
    EXPECTED[each] |= dict.fromkeys(ANY_TIME if each is S.CLOSED else ANY_TIME | UNTIL_CLOSED, each)
PEOPLE = list(product([False, True], repeat=3))


@pytest.mark.parametrize(("status", "action"), list(product(S, A)))
def test_every_status_and_action_has_exactly_the_outcome_of_the_table(status: S, action: A) -> None:
    if action in EXPECTED[status]:
        assert next_status(status, action) is EXPECTED[status][action]
    else:
        with pytest.raises(TicketActionNotAllowed):
            next_status(status, action)


@pytest.mark.parametrize(("status", "action"), list(product(S, A)))
@pytest.mark.parametrize(("is_holder", "has_accepted", "is_supervisor"), PEOPLE)
def test_the_screen_offers_exactly_what_the_guard_lets_pass(
    status: S, action: A, is_holder: bool, has_accepted: bool, is_supervisor: bool
) -> None:
    offered = allowed_actions(status, is_holder=is_holder, has_accepted=has_accepted, is_supervisor=is_supervisor)
    try:
        after = check_action(
            status, action, is_holder=is_holder, has_accepted=has_accepted, is_supervisor=is_supervisor
        )
    except (NotTheHolder, TicketActionNotAllowed):
        assert action not in offered
    else:
        assert action in offered
        assert after is TICKET_LIFE[status, action]


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize(("is_holder", "has_accepted", "is_supervisor"), PEOPLE)
def test_no_person_can_end_a_revisit(status: S, is_holder: bool, has_accepted: bool, is_supervisor: bool) -> None:
    offered = allowed_actions(status, is_holder=is_holder, has_accepted=has_accepted, is_supervisor=is_supervisor)
    assert not {A.START_REVISIT, A.CLOSE, A.REOPEN} & set(offered)


def test_who_was_asked_may_accept_and_note_but_not_resolve() -> None:
    offered = allowed_actions(S.NEW, is_holder=True, has_accepted=False, is_supervisor=False)
    assert set(offered) == {A.ACCEPT, A.NOTE}


def test_who_accepted_may_resolve_and_note() -> None:
    offered = allowed_actions(S.ACCEPTED, is_holder=True, has_accepted=True, is_supervisor=False)
    assert set(offered) == {A.RESOLVE, A.NOTE, A.OPEN_ORIGINAL, A.CORRECT, A.DECIDE_SLOT}


def test_a_supervisor_resolves_only_what_he_took_over() -> None:
    others = allowed_actions(S.ACCEPTED, is_holder=False, has_accepted=True, is_supervisor=True)
    own = allowed_actions(S.ACCEPTED, is_holder=True, has_accepted=True, is_supervisor=True)
    assert A.RESOLVE not in others
    assert A.RESOLVE in own


@pytest.mark.parametrize("action", [A.OPEN_ORIGINAL, A.CORRECT, A.DECIDE_SLOT])
def test_what_was_said_is_for_who_handles_it_and_for_supervisors(action: A) -> None:
    may = {people for people in PEOPLE if action in _offered(S.NEW, people)}
    assert may == {people for people in PEOPLE if (people[0] and people[1]) or people[2]}


def _offered(status: S, people: tuple[bool, ...]) -> tuple[A, ...]:
    is_holder, has_accepted, is_supervisor = people
    return allowed_actions(status, is_holder=is_holder, has_accepted=has_accepted, is_supervisor=is_supervisor)


def test_a_closed_ticket_can_still_be_looked_into_but_not_changed() -> None:
    assert set(_offered(S.CLOSED, (True, True, True))) == {A.OPEN_ORIGINAL}


def test_a_stranger_may_do_nothing() -> None:
    for status in S:
        assert allowed_actions(status, is_holder=False, has_accepted=True, is_supervisor=False) == ()
