"""Persons in the books: added, given passwords, deactivated; and the first run."""

from functools import partial

import pytest

from kit.clock import FixedClock
from kit.db import Database
from people.domain.errors import LastAdmin, LoginNameWrong, LoginTaken, LoginWrong, PersonNotFound, WeakPassword
from people.domain.role import Role
from people.service import PeopleService
from tests.integration.people.conftest import PASSWORD, POLICY
from tests.support.fake_hasher import FakeHasher
from tests.support.threads import run_together

FIRST_LOGINS = {"admin": Role.ADMIN, "banzhang": Role.SUPERVISOR, "agent-a": Role.AGENT, "agent-b": Role.AGENT}


def test_the_first_run_makes_four_persons_who_can_sign_in(people: PeopleService) -> None:
    passwords = people.first_run()
    assert passwords.keys() == FIRST_LOGINS.keys()
    assert len(set(passwords.values())) == 4
    for login, password in passwords.items():
        assert people.sign_in(login, password, "127.0.0.1").person.role is FIRST_LOGINS[login]


def test_the_first_run_is_only_once_and_never_beside_others(people: PeopleService, li: str) -> None:
    assert people.first_run() == {}
    assert [person.login for person in people.people()] == ["li"]


def test_of_many_first_runs_one_makes_them(people: PeopleService) -> None:
    told = run_together([people.first_run] * 4)
    (passwords,) = [each for each in told if each]
    assert len(people.people()) == 4
    assert isinstance(passwords, dict)
    people.sign_in("admin", passwords["admin"], "127.0.0.1")


def test_a_login_belongs_to_one_person_however_it_is_written(people: PeopleService, li: str) -> None:
    with pytest.raises(LoginTaken):
        people.add_person(" LI ", "李四", Role.AGENT, PASSWORD)
    assert people.person(li).login == "li"


def test_of_many_who_take_a_login_one_gets_it(people: PeopleService) -> None:
    told = run_together([partial(people.add_person, "wang", "王", Role.AGENT, None) for _ in range(5)])
    assert sum(isinstance(each, str) for each in told) == 1
    assert sum(isinstance(each, LoginTaken) for each in told) == 4


def test_a_wrong_name_or_a_weak_password_adds_nobody(people: PeopleService) -> None:
    with pytest.raises(LoginNameWrong):
        people.add_person("李明", "李明", Role.AGENT, PASSWORD)
    with pytest.raises(WeakPassword):
        people.add_person("li", "李明", Role.AGENT, "short")
    assert people.people() == []


def test_without_a_password_nobody_signs_in_until_one_is_set(people: PeopleService) -> None:
    person_id = people.add_person("wang", "王", Role.AGENT, None)
    with pytest.raises(LoginWrong):
        people.sign_in("wang", "", "127.0.0.1")
    people.set_password(person_id, PASSWORD)
    people.sign_in("wang", PASSWORD, "127.0.0.1")


def test_a_new_password_ends_the_sessions_and_the_old_password(people: PeopleService, li: str) -> None:
    token = people.sign_in("li", PASSWORD, "127.0.0.1").token
    people.set_password(li, "kedilo-rifu-12")
    assert people.person_of(token) is None
    with pytest.raises(LoginWrong):
        people.sign_in("li", PASSWORD, "127.0.0.1")
    people.sign_in("li", "kedilo-rifu-12", "127.0.0.1")


def test_a_forgotten_password_is_replaced_by_a_random_one(people: PeopleService, li: str) -> None:
    token = people.sign_in("li", PASSWORD, "127.0.0.1").token
    password = people.reset_password("LI")
    assert people.person_of(token) is None
    assert people.sign_in("li", password, "127.0.0.1").person.id == li


def test_nobody_is_not_found(people: PeopleService) -> None:
    for ask in (people.person, people.deactivate, people.reset_password):
        with pytest.raises(PersonNotFound):
            ask("nobody")
    with pytest.raises(PersonNotFound):
        people.set_password("nobody", PASSWORD)


def test_a_deactivated_person_is_out_at_once_and_stays_in_the_books(people: PeopleService, li: str) -> None:
    token = people.sign_in("li", PASSWORD, "127.0.0.1").token
    people.deactivate(li)
    people.deactivate(li)
    assert people.person_of(token) is None
    with pytest.raises(LoginWrong):
        people.sign_in("li", PASSWORD, "127.0.0.1")
    assert [(person.id, person.is_active) for person in people.people()] == [(li, False)]


def test_the_last_administrator_stays(people: PeopleService) -> None:
    first = people.add_person("admin", "管理员", Role.ADMIN, PASSWORD)
    with pytest.raises(LastAdmin):
        people.deactivate(first)
    people.add_person("admin2", "管理员二", Role.ADMIN, PASSWORD)
    people.deactivate(first)


def test_of_administrators_who_deactivate_each_other_at_once_one_stays(people: PeopleService) -> None:
    ids = [people.add_person(f"admin{number}", "管理员", Role.ADMIN, None) for number in range(6)]
    run_together([people.people] * 6)  # so that every thread finds its connection open
    told = run_together([partial(people.deactivate, each) for each in ids])
    assert sum(isinstance(each, LastAdmin) for each in told) == 1
    assert sum(person.is_active for person in people.people()) == 1


def test_a_sign_in_writes_the_hash_anew_when_todays_is_stronger(
    database: Database, clock: FixedClock, people: PeopleService, li: str
) -> None:
    stronger = FakeHasher("v2")
    renewed = PeopleService(database, clock, stronger, POLICY)
    renewed.sign_in("li", PASSWORD, "127.0.0.1")
    renewed.sign_in("li", PASSWORD, "127.0.0.1")
    assert [each.split("$")[0] for each in stronger.verified] == ["v1", "v2"]
