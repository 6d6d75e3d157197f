"""Where a person calls: who may, what he must say, and what follows."""

import pytest

from callbacks.domain.attempt import AttemptResult
from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import (
    CallbackActionNotAllowed,
    CallbackTaskNotFound,
    HandlerMayNotRate,
    NoteNeeded,
    RatingIncomplete,
    RatingWrong,
)
from callbacks.domain.events import CallbackGivenUp, CallbackTaskChanged, RatingGiven
from callbacks.domain.lifecycle import CallbackAction, CallbackKind, CallbackStatus
from callbacks.domain.rating import RatingSource
from kit.errors import HotlineError
from kit.events import Event
from tests.integration.callbacks.books import CITIZEN, Books, Line, answered


@pytest.fixture
def handler(books: Books) -> str:
    return books.person("handler")


@pytest.fixture
def owner(books: Books) -> str:
    return books.person("owner")


@pytest.fixture
def boss(books: Books) -> str:
    return books.person("boss")


@pytest.fixture
def task_id(line: Line, handler: str, owner: str) -> str:
    """A satisfaction task at the end of its ladder, owned by `owner`."""
    task_id = line.task(handler)
    line.call(AttemptResult(Disposition.INVALID_NUMBER))
    line.service.set_owner(task_id, owner)
    return task_id


@pytest.fixture
def missed(line: Line, books: Books, owner: str) -> str:
    task_id = line.service.schedule_person_call(CallbackKind.MISSED_CALL, books.call(), CITIZEN)
    line.service.set_owner(task_id, owner)
    return task_id


def test_the_owner_records_the_rating(line: Line, books: Books, task_id: str, owner: str, facts: list[Event]) -> None:
    facts.clear()
    line.service.finish_by_person(task_id, owner, False, "说路灯已亮", solved=True, satisfaction=1)
    (rating,) = books.ratings()
    assert (rating.source, rating.recorded_by_person_id, rating.digits) == (RatingSource.PERSON, owner, [])
    task = line.service.task(task_id)
    assert (task.status, task.note, task.solved, task.satisfaction) == (CallbackStatus.DONE, "说路灯已亮", True, 1)
    assert facts == [CallbackTaskChanged(task_id), RatingGiven(rating.id, rating.ticket_id)]


def test_a_supervisor_may_finish_what_another_owns_or_nobody(line: Line, task_id: str, boss: str) -> None:
    line.service.set_owner(task_id, None)
    line.service.finish_by_person(task_id, boss, True, None, solved=False)
    assert line.service.task(task_id).status is CallbackStatus.DONE


def test_others_do_not_even_learn_that_the_task_exists(line: Line, books: Books, task_id: str) -> None:
    with pytest.raises(CallbackTaskNotFound):
        line.service.finish_by_person(task_id, books.person("other"), False, None, True, 1)


@pytest.mark.parametrize("is_supervisor", [True, False])
def test_who_handled_the_ticket_does_not_rate_it(line: Line, task_id: str, handler: str, is_supervisor: bool) -> None:
    with pytest.raises(HandlerMayNotRate):
        line.service.finish_by_person(task_id, handler, is_supervisor, None, True, 1)
    with pytest.raises(HandlerMayNotRate):
        line.service.finish_by_person(task_id, handler, is_supervisor, "打不通")
    with pytest.raises(HandlerMayNotRate):
        line.service.set_owner(task_id, handler)
    assert line.service.task(task_id).allowed_actions(handler, is_supervisor) == []


def test_a_citizen_who_cannot_be_reached_ends_it_without_a_rating(
    line: Line, books: Books, task_id: str, owner: str, facts: list[Event]
) -> None:
    line.service.finish_by_person(task_id, owner, False, "  三次无人接听  ")
    task = line.service.task(task_id)
    assert (task.status, task.note) == (CallbackStatus.DONE, "三次无人接听")
    assert books.ratings() == []
    assert task.ticket_id is not None
    assert facts[-1] == CallbackGivenUp(task_id, task.ticket_id)


@pytest.mark.parametrize("note", [None, "", "  \n"])
def test_without_a_rating_the_note_is_needed(
    line: Line, task_id: str, missed: str, owner: str, note: str | None
) -> None:
    for each in (task_id, missed):
        with pytest.raises(NoteNeeded):
            line.service.finish_by_person(each, owner, False, note)


@pytest.mark.parametrize(("solved", "satisfaction"), [(True, None), (None, 3)])
def test_a_reached_citizen_answers_both_questions(
    line: Line, task_id: str, owner: str, solved: bool | None, satisfaction: int | None
) -> None:
    with pytest.raises(RatingIncomplete):
        line.service.finish_by_person(task_id, owner, False, "note", solved, satisfaction)
    assert line.service.task(task_id).status is CallbackStatus.WITH_PERSON


def test_what_the_system_has_heard_before_need_not_be_asked_again(
    line: Line, books: Books, clock_to_person: str, owner: str
) -> None:
    line.service.finish_by_person(clock_to_person, owner, False, None, satisfaction=2)
    (rating,) = books.ratings()
    assert (rating.solved, rating.satisfaction) == (True, 2)


@pytest.fixture
def clock_to_person(line: Line, books: Books, owner: str) -> str:
    """A task whose first call heard 'solved', and whose second found a dead number."""
    task_id = line.task()
    line.call(answered(True, None))
    books.clock.advance(line.service.task(task_id).due_at - books.clock.now())
    line.call(AttemptResult(Disposition.INVALID_NUMBER))
    line.service.set_owner(task_id, owner)
    return task_id


def test_a_missed_caller_is_done_with_a_note_and_gives_no_rating(
    line: Line, books: Books, missed: str, owner: str, facts: list[Event]
) -> None:
    with pytest.raises(RatingWrong):
        line.service.finish_by_person(missed, owner, False, "已回拨", True, 1)
    facts.clear()
    line.service.finish_by_person(missed, owner, False, "已回拨")
    assert facts == [CallbackTaskChanged(missed)]
    assert books.ratings() == []


def test_a_wrong_level_is_refused_before_anything_is_written(line: Line, task_id: str, owner: str) -> None:
    with pytest.raises(RatingWrong):
        line.service.finish_by_person(task_id, owner, False, None, True, 6)
    assert line.service.task(task_id).status is CallbackStatus.WITH_PERSON


def test_finishing_twice_is_refused_the_second_time(line: Line, books: Books, task_id: str, owner: str) -> None:
    line.service.finish_by_person(task_id, owner, False, None, True, 1)
    with pytest.raises(CallbackActionNotAllowed):
        line.service.finish_by_person(task_id, owner, False, None, False, 5)
    assert [rating.satisfaction for rating in books.ratings()] == [1]


@pytest.mark.parametrize("is_dialling", [True, False])
def test_what_the_system_still_dials_is_not_finished_by_people(
    line: Line, boss: str, owner: str, is_dialling: bool
) -> None:
    task_id = line.task()
    if is_dialling:
        line.claim_and_dial()
    with pytest.raises(CallbackActionNotAllowed):
        line.service.finish_by_person(task_id, boss, True, None, True, 1)
    with pytest.raises(HotlineError) as refusal:
        line.service.set_owner(task_id, owner)
    assert refusal.value.code == "callback.action_not_allowed"


def test_setting_the_same_owner_again_tells_nobody(line: Line, task_id: str, owner: str, facts: list[Event]) -> None:
    facts.clear()
    line.service.set_owner(task_id, owner)
    assert facts == []
    line.service.set_owner(task_id, None)
    assert facts == [CallbackTaskChanged(task_id)]


def test_the_screen_is_told_what_each_may_do(line: Line, task_id: str, owner: str, boss: str) -> None:
    task = line.service.task(task_id)
    assert task.allowed_actions(owner, False) == [CallbackAction.FINISH]
    assert set(task.allowed_actions(boss, True)) == {CallbackAction.ASSIGN, CallbackAction.FINISH}
