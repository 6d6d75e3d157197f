"""Signing in: the right password opens, guessing does not pay, and nothing shows who exists."""

import hashlib
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from kit.clock import FixedClock
from kit.db import Database
from people.domain.errors import LoginWrong, TooManyAttempts
from people.domain.role import Role
from people.models import LoginSession
from people.service import PeopleService, SignedIn
from tests.integration.people.conftest import PASSWORD, POLICY
from tests.support.fake_hasher import FakeHasher
from tests.support.threads import run_together

HERE, THERE = "192.0.2.1", "192.0.2.2"


def _fail(people: PeopleService, times: int, login: str = "li", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(LoginWrong):
            people.sign_in(login, "wrong-password-9", address)


def test_the_right_password_opens_a_session_of_that_person(people: PeopleService, li: str) -> None:
    opened = people.sign_in(" Li ", PASSWORD, HERE)
    assert (opened.person.id, opened.person.display_name, opened.person.role) == (li, "李明", Role.AGENT)
    session = people.person_of(opened.token)
    assert session is not None
    assert (session.person, session.csrf_token) == (opened.person, opened.csrf_token)


def test_a_password_typed_in_full_width_is_the_same(people: PeopleService, li: str) -> None:
    assert people.sign_in("li", "ｂａｍｕｓｏ-ｋｅｄｉ-４７", HERE).person.id == li


def test_the_books_hold_the_tokens_hash_and_not_the_token(people: PeopleService, database: Database, li: str) -> None:
    opened = people.sign_in("li", PASSWORD, HERE)
    with database.reading() as session:
        row = session.scalars(select(LoginSession)).one()
    assert row.token_hash == hashlib.sha256(opened.token.encode()).hexdigest()
    assert len(opened.token) == 43
    assert opened.csrf_token not in (opened.token, row.token_hash)


def test_every_sign_in_is_a_session_of_its_own(people: PeopleService, li: str) -> None:
    first, second = people.sign_in("li", PASSWORD, HERE), people.sign_in("li", PASSWORD, THERE)
    people.sign_out(first.token)
    people.sign_out(first.token)
    assert people.person_of(first.token) is None
    assert people.person_of(second.token) is not None


def test_a_session_ends_after_its_life_however_much_it_was_used(
    people: PeopleService, li: str, clock: FixedClock
) -> None:
    token = people.sign_in("li", PASSWORD, HERE).token
    clock.advance(POLICY.session_life - timedelta(seconds=1))
    assert people.person_of(token) is not None
    clock.advance(timedelta(seconds=1))
    assert people.person_of(token) is None


def test_expired_sessions_leave_the_books_at_the_next_sign_in(
    people: PeopleService, database: Database, li: str, clock: FixedClock
) -> None:
    people.sign_in("li", PASSWORD, HERE)
    clock.advance(POLICY.session_life)
    people.sign_in("li", PASSWORD, HERE)
    with database.reading() as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1


@pytest.mark.parametrize("token", ["", "x", "a" * 10_000, "\x00", "\ud800", "令牌"])
def test_an_odd_token_opens_nothing(people: PeopleService, token: str) -> None:
    assert people.person_of(token) is None
    people.sign_out(token)


def test_twenty_wrong_passwords_close_the_door_also_to_the_right_one(people: PeopleService, li: str) -> None:
    _fail(people, POLICY.max_failures)
    for _ in range(20 - POLICY.max_failures):
        with pytest.raises(TooManyAttempts):
            people.sign_in("li", "wrong-password-9", HERE)
    with pytest.raises(TooManyAttempts) as refusal:
        people.sign_in("li", PASSWORD, THERE)
    assert refusal.value.details == {"retry_after_s": 900}


def test_the_door_opens_again_when_told_and_refused_tries_do_not_lengthen_it(
    people: PeopleService, li: str, clock: FixedClock
) -> None:
    _fail(people, POLICY.max_failures)
    for _ in range(3):
        clock.advance(POLICY.window / 4)
        with pytest.raises(TooManyAttempts) as refusal:
            people.sign_in("li", PASSWORD, HERE)
    assert refusal.value.details == {"retry_after_s": 225}
    clock.advance(timedelta(seconds=225))
    assert people.sign_in("li", PASSWORD, HERE).person.id == li


def test_a_success_wipes_the_failures_of_its_login(people: PeopleService, li: str) -> None:
    for _ in range(2):
        _fail(people, POLICY.max_failures - 1)
        people.sign_in("li", PASSWORD, HERE)


def test_one_login_under_attack_does_not_close_the_others(people: PeopleService, li: str) -> None:
    people.add_person("wang", "王", Role.AGENT, PASSWORD)
    _fail(people, POLICY.max_failures)
    people.sign_in("wang", PASSWORD, HERE)


def test_an_address_that_tries_many_logins_is_closed_and_others_are_not(people: PeopleService, li: str) -> None:
    for number in range(POLICY.max_failures_per_address - 1):
        _fail(people, 1, login=f"guess-{number}")
    people.sign_in("li", PASSWORD, HERE)  # a success of one login wipes out no failures of the address
    _fail(people, 1, login="guess-again")
    with pytest.raises(TooManyAttempts):
        people.sign_in("li", PASSWORD, HERE)
    people.sign_in("li", PASSWORD, THERE)


def test_an_unknown_login_is_closed_like_a_known_one(people: PeopleService) -> None:
    _fail(people, POLICY.max_failures, login="nobody")
    with pytest.raises(TooManyAttempts):
        people.sign_in("nobody", PASSWORD, HERE)


def test_whatever_the_answer_exactly_one_password_is_verified(
    people: PeopleService, li: str, hasher: FakeHasher
) -> None:
    people.deactivate(people.add_person("gone", "走了", Role.AGENT, PASSWORD))
    people.add_person("new", "新人", Role.AGENT, None)
    for login in ("li", "nobody", "gone", "new", "李明", "a" * 1000):
        hasher.verified.clear()
        _fail(people, 1, login=login)
        assert len(hasher.verified) == 1
    _fail(people, POLICY.max_failures - 1)
    for login in ("li", "nobody"):
        hasher.verified.clear()
        with pytest.raises((TooManyAttempts, LoginWrong)):
            people.sign_in(login, PASSWORD, HERE)
        assert len(hasher.verified) == 1


@pytest.mark.parametrize("login", ["", "?", "'; --", "\x00", "\ud800", "a" * 100_000])
@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 100_000])
def test_odd_input_is_a_wrong_password(people: PeopleService, login: str, password: str) -> None:
    with pytest.raises(LoginWrong):
        people.sign_in(login, password, "1" * 500)


def test_parallel_guesses_are_all_counted(people: PeopleService, li: str, hasher: FakeHasher) -> None:
    tries = 2 * POLICY.max_failures
    told = run_together([partial(people.sign_in, "li", "wrong-password-9", HERE) for _ in range(tries)])
    assert sum(isinstance(each, LoginWrong) for each in told) == POLICY.max_failures
    assert sum(isinstance(each, TooManyAttempts) for each in told) == tries - POLICY.max_failures


def test_parallel_sign_ins_with_the_right_password_all_open(people: PeopleService, li: str) -> None:
    told = run_together([partial(people.sign_in, "li", PASSWORD, HERE) for _ in range(6)])
    tokens = {each.token for each in told if isinstance(each, SignedIn)}
    assert len(tokens) == 6


def test_the_account_changing_while_the_password_is_looked_at_opens_nothing(
    database: Database, clock: FixedClock, people: PeopleService, li: str
) -> None:
    class MeanwhileChanging(FakeHasher):
        def verify(self, password_hash: str, password: str) -> bool:
            people.set_password(li, "kedilo-rifu-12")
            return super().verify(password_hash, password)

    slow = PeopleService(database, clock, MeanwhileChanging(), POLICY)
    with pytest.raises(LoginWrong):
        slow.sign_in("li", PASSWORD, HERE)
    with database.reading() as session:
        assert session.scalars(select(LoginSession)).all() == []
