"""The life of a task, over every status and action; and who may touch it."""

import itertools

import pytest

from callbacks.domain.errors import CallbackActionNotAllowed
from callbacks.domain.lifecycle import (
    CALLBACK_LIFE,
    CallbackAction,
    CallbackKind,
    CallbackStatus,
    allowed_actions,
    next_status,
)

EVERY_PAIR = list(itertools.product(CallbackStatus, CallbackAction))


@pytest.mark.parametrize(("status", "action"), EVERY_PAIR)
def test_the_table_alone_says_what_is_allowed(status: CallbackStatus, action: CallbackAction) -> None:
    if (status, action) in CALLBACK_LIFE:
        assert next_status(status, action) is CALLBACK_LIFE[status, action]
    else:
        with pytest.raises(CallbackActionNotAllowed) as refusal:
            next_status(status, action)
        assert refusal.value.details == {"status": status.value, "action": action.value}


def test_what_is_done_stays_done() -> None:
    assert not [action for status, action in CALLBACK_LIFE if status is CallbackStatus.DONE]


def test_every_unfinished_status_can_reach_the_end() -> None:
    reached = {CallbackStatus.DONE}
    for _ in CallbackStatus:
        reached |= {status for (status, _), target in CALLBACK_LIFE.items() if target in reached}
    assert reached == set(CallbackStatus)


def _allowed(
    kind: CallbackKind, status: CallbackStatus, *, person: str, owner: str | None = "owner", supervises: bool = False
) -> set[CallbackAction]:
    return set(
        allowed_actions(
            kind, status, owner_person_id=owner, handler_person_id="handler", person_id=person, is_supervisor=supervises
        )
    )


@pytest.mark.parametrize("kind", CallbackKind)
@pytest.mark.parametrize("status", [each for each in CallbackStatus if each is not CallbackStatus.WITH_PERSON])
def test_people_touch_only_what_is_with_people(kind: CallbackKind, status: CallbackStatus) -> None:
    assert _allowed(kind, status, person="owner", supervises=True) == set()


@pytest.mark.parametrize("kind", CallbackKind)
def test_the_owner_finishes_a_supervisor_also_assigns_others_do_nothing(kind: CallbackKind) -> None:
    with_person = CallbackStatus.WITH_PERSON
    assert _allowed(kind, with_person, person="owner") == {CallbackAction.FINISH}
    assert _allowed(kind, with_person, person="boss", supervises=True) == {CallbackAction.FINISH, CallbackAction.ASSIGN}
    assert _allowed(kind, with_person, person="somebody") == set()
    assert _allowed(kind, with_person, person="somebody", owner=None) == set()


@pytest.mark.parametrize("supervises", [True, False])
def test_who_handled_the_ticket_is_kept_from_its_rating_but_not_from_other_calls(supervises: bool) -> None:
    def allowed(kind: CallbackKind) -> set[CallbackAction]:
        return _allowed(kind, CallbackStatus.WITH_PERSON, person="handler", owner="handler", supervises=supervises)

    assert allowed(CallbackKind.SATISFACTION) == set()
    assert CallbackAction.FINISH in allowed(CallbackKind.MISSED_CALL)
