"""kit.db on both databases: commit, rollback, facts after commit, instants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from people.domain.role import Role
from people.models import Person


@dataclass(frozen=True, slots=True)
class SomethingHappened(Event):
    what: str


def _person(clock: FixedClock) -> Person:
    return Person(id="p1", login="li", display_name="李", role=Role.AGENT, is_active=True, created_at=clock.now())


def test_facts_leave_after_the_commit_and_never_after_a_rollback(
    database: Database, facts: list[Event], clock: FixedClock
) -> None:
    def fail_late() -> None:
        with database.transaction() as tx:
            tx.session.add(_person(clock))
            tx.raise_event(SomethingHappened("rolled back"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with database.transaction() as tx:
        tx.session.add(_person(clock))
        tx.raise_event(SomethingHappened("committed"))
        assert facts == []
    assert facts == [SomethingHappened("committed")]


def test_a_failing_subscriber_stops_neither_the_others_nor_the_caller(database: Database, facts: list[Event]) -> None:
    def explode(event: Event) -> None:
        raise RuntimeError("deaf")

    database.bus._subscribers.insert(0, explode)
    with database.transaction() as tx:
        tx.raise_event(SomethingHappened("told"))
    assert facts == [SomethingHappened("told")]


def test_instants_come_back_aware_and_equal(database: Database, clock: FixedClock) -> None:
    with database.transaction() as tx:
        tx.session.add(_person(clock))
    with database.reading() as session:
        at = session.scalars(select(Person.created_at)).one()
    assert at == clock.now()
    assert at.utcoffset() == timedelta(0)


def test_naive_instants_are_refused(database: Database, clock: FixedClock) -> None:
    person = _person(clock)
    person.created_at = datetime(2026, 1, 1)  # noqa: DTZ001 - the wrong value is the test
    with pytest.raises(StatementError, match="naive"), database.transaction() as tx:
        tx.session.add(person)


def test_a_reader_does_not_wait_for_a_writer(database: Database, clock: FixedClock) -> None:
    with database.transaction() as tx:
        tx.session.add(_person(clock))
        tx.session.flush()
        with database.reading() as session:
            assert session.scalars(select(Person.id)).all() == []
