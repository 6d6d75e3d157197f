"""How a callback task comes to be: once per matter, in the allowed hours, and never without a next step."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from callbacks.domain.calling_hours import CallingHours
from callbacks.domain.errors import CallbackTaskNotFound, RatingWrong
from callbacks.domain.events import CallbackNeedsPerson, CallbackTaskChanged
from callbacks.domain.lifecycle import CallbackKind, CallbackStatus
from callbacks.service import CallbackService
from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from tests.integration.callbacks.books import BEIJING, CITIZEN, POLICY, Books, Line
from tests.support.threads import run_together

OFFICE_HOURS = CallingHours(BEIJING, ((time(9), time(12)), (time(14), time(20))))


def test_scheduling_twice_gives_the_same_task_and_tells_it_once(
    service: CallbackService, books: Books, facts: list[Event]
) -> None:
    ticket_id = books.ticket()
    first = service.schedule_satisfaction(ticket_id, "N1", 1, CITIZEN, None)
    assert service.schedule_satisfaction(ticket_id, "N1", 1, CITIZEN, None) == first
    assert len(books.tasks()) == 1
    assert facts == [CallbackTaskChanged(first)]


def test_each_handling_round_is_asked_about_anew(service: CallbackService, books: Books) -> None:
    ticket_id = books.ticket()
    rounds = {service.schedule_satisfaction(ticket_id, "N1", number, CITIZEN, None) for number in (1, 2)}
    assert len(rounds) == 2


def test_many_at_once_make_one_task(service: CallbackService, books: Books, facts: list[Event]) -> None:
    ticket_id = books.ticket()
    ids = run_together([lambda: service.schedule_satisfaction(ticket_id, "N1", 1, CITIZEN, None)] * 6)
    assert len(set(ids)) == 1
    assert len(books.tasks()) == 1
    assert len(facts) == 1


def test_the_first_call_waits_for_the_delay_and_the_allowed_hours(
    database: Database, clock: FixedClock, books: Books
) -> None:
    policy = replace(POLICY, hours=OFFICE_HOURS, delay=timedelta(minutes=10))
    service = CallbackService(database, clock, policy)  # it is 12:00
    task = service.task(service.schedule_satisfaction(books.ticket(), "N1", 1, CITIZEN, None))
    assert task.status is CallbackStatus.PENDING
    assert task.due_at == datetime(2026, 3, 2, 14, 0, tzinfo=BEIJING)
    assert task.due_at.tzinfo is UTC


def test_a_withheld_number_goes_to_a_person_at_once(service: CallbackService, books: Books, facts: list[Event]) -> None:
    task_id = service.schedule_satisfaction(books.ticket(), "N1", 1, "anonymous", None)
    assert service.task(task_id).status is CallbackStatus.WITH_PERSON
    assert CallbackNeedsPerson(task_id) in facts


@pytest.mark.parametrize("kind", [CallbackKind.MISSED_CALL, CallbackKind.REQUESTED])
def test_a_missed_or_asking_caller_is_with_people_at_once_and_once(
    service: CallbackService, books: Books, facts: list[Event], kind: CallbackKind
) -> None:
    call_id = books.call()
    task_id = service.schedule_person_call(kind, call_id, CITIZEN)
    assert service.schedule_person_call(CallbackKind.REQUESTED, call_id, CITIZEN) == task_id
    task = service.task(task_id)
    assert (task.kind, task.status, task.owner_person_id) == (kind, CallbackStatus.WITH_PERSON, None)
    assert facts.count(CallbackNeedsPerson(task_id)) == 1


def test_a_satisfaction_call_is_no_call_of_a_person(service: CallbackService, books: Books) -> None:
    with pytest.raises(RatingWrong):
        service.schedule_person_call(CallbackKind.SATISFACTION, books.call(), CITIZEN)


def test_an_unknown_task_is_not_found(line: Line) -> None:
    with pytest.raises(CallbackTaskNotFound):
        line.service.task("nobody")
    with pytest.raises(CallbackTaskNotFound):
        line.service.set_owner("nobody", None)
