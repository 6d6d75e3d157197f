"""Persons, their passwords and their sessions: who may come in, and who is speaking."""

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import structlog

from kit.clock import Clock
from kit.db import Database, Transaction
from kit.ids import new_id
from people import repository
from people.domain.errors import LastAdmin, LoginWrong, PersonNotFound, TooManyAttempts
from people.domain.login_name import login_name, new_display_name, new_login_name
from people.domain.password import new_password, pronounceable_password, typed_password
from people.domain.policy import LoginPolicy
from people.domain.role import Role
from people.domain.throttling import closed_until
from people.models import LoginAttempt, LoginSession, Person
from people.ports import PasswordHasher

log = structlog.get_logger(__name__)

_NO_LOGIN = "?"
"""Stands for everything that cannot be a login name: sign-in fields have been fed stranger things."""
_FIRST_PERSONS = (
    ("admin", "管理员", Role.ADMIN),
    ("banzhang", "班长", Role.SUPERVISOR),
    ("agent-a", "坐席甲", Role.AGENT),
    ("agent-b", "坐席乙", Role.AGENT),
)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    id: str
    login: str
    display_name: str
    role: Role
    is_active: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. `token` exists only here and in the cookie: the books hold its hash."""

    token: str
    csrf_token: str
    person: PersonFacts
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Whose session a token opens."""

    person: PersonFacts
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Knock:
    """A sign-in that is under way: what the books said before the password was looked at."""

    attempt_id: int | None
    """None: refused, and not counted."""
    retry_at: datetime | None
    person_id: str | None
    password_hash: str | None


class PeopleService:
    """Synchronous; one public call is one transaction, except where a slow hash stands between two."""

    def __init__(self, db: Database, clock: Clock, hasher: PasswordHasher, policy: LoginPolicy) -> None:
        self._db = db
        self._clock = clock
        self._hasher = hasher
        self._policy = policy

    # ---- persons

    def add_person(self, login: str, display_name: str, role: Role, password: str | None) -> str:
        """Id of the new person; without a password he cannot sign in yet.

        Raises LoginTaken, LoginNameWrong, DisplayNameWrong, WeakPassword.
        """
        name = new_login_name(login)
        shown = new_display_name(display_name)
        password_hash = None if password is None else self._hasher.hash(new_password(password, name))
        with self._db.transaction() as tx:
            return self._add(tx, name, shown, role, password_hash)

    def first_run(self) -> dict[str, str]:
        """With nobody in the books: an administrator, a supervisor and two agents; passwords by login,
        told this once. An empty dict ever after, and for all but one of those who ask at the same time."""
        with self._db.reading() as session:
            if not repository.is_empty(session):
                return {}
        passwords = {login: pronounceable_password() for login, _, _ in _FIRST_PERSONS}
        hashes = {login: self._hasher.hash(password) for login, password in passwords.items()}
        with self._db.transaction() as tx:
            tx.take_turns("people.first_run")
            if not repository.is_empty(tx.session):
                return {}
            for login, display_name, role in _FIRST_PERSONS:
                self._add(tx, login, display_name, role, hashes[login])
        return passwords

    def set_password(self, person_id: str, password: str) -> None:
        """A new password; the person's sessions end. Raises PersonNotFound, WeakPassword."""
        person = self.person(person_id)
        self._put_password(person, password)

    def reset_password(self, login: str) -> str:
        """A new random password for who forgot his, told this once; his sessions end. Raises PersonNotFound."""
        with self._db.reading() as session:
            found = repository.person_by_login(session, login_name(login) or _NO_LOGIN)
            if found is None:
                raise PersonNotFound("there is no person with this login")
            person = _facts_of(found)
        password = pronounceable_password()
        self._put_password(person, password)
        return password

    def deactivate(self, person_id: str) -> None:
        """No sign-in any more, and open sessions end at once. Raises PersonNotFound, LastAdmin."""
        with self._db.transaction() as tx:
            tx.take_turns("people.deactivate")
            person = repository.person(tx.session, person_id)
            if repository.active_admin_ids(tx.session) == {person_id}:
                raise LastAdmin("the last administrator stays", person_id=person_id)
            person.is_active = False
            repository.end_sessions_of(tx.session, person_id)
        log.info("people.person.deactivated", person_id=person_id)

    def person(self, person_id: str) -> PersonFacts:
        with self._db.reading() as session:
            return _facts_of(repository.person(session, person_id))

    def people(self) -> list[PersonFacts]:
        """Everybody, by login, also who was deactivated."""
        with self._db.reading() as session:
            return [_facts_of(each) for each in repository.people(session)]

    # ---- sessions

    def sign_in(self, login: str, password: str, address: str) -> SignedIn:
        """Raises LoginWrong or TooManyAttempts.

        Two transactions, because a slow hash must not hold the books: the try is written down as a
        failure first (so that parallel guesses cannot outrun the count), then the password is looked
        at. Exactly one verification in every case: neither an unknown login nor a closed door shows.
        """
        stranger_hash = self._stranger_hash
        knock = self._knock(login_name(login) or _NO_LOGIN, address[:64])
        typed = typed_password(password)
        is_right = self._hasher.verify(knock.password_hash or stranger_hash, typed)
        if knock.attempt_id is None:
            raise self._too_many(knock)
        if not is_right or knock.person_id is None or knock.password_hash is None:
            log.info("people.sign_in.refused", person_id=knock.person_id)
            raise LoginWrong("login or password is wrong")
        better_hash = self._hasher.hash(typed) if self._hasher.needs_rehash(knock.password_hash) else None
        return self._open_session(knock.attempt_id, knock.person_id, knock.password_hash, better_hash)

    def person_of(self, token: str) -> SessionFacts | None:
        """Who holds this token; None when it is unknown, expired, or its person was deactivated."""
        with self._db.reading() as session:
            found = repository.live_session(session, _hash_of(token), self._clock.now())
            if found is None:
                return None
            row, person = found
            return SessionFacts(_facts_of(person), row.csrf_token, row.expires_at)

    def sign_out(self, token: str) -> None:
        """End the session; an unknown token is no error."""
        with self._db.transaction() as tx:
            repository.end_session(tx.session, _hash_of(token))

    # ---- inside

    @cached_property
    def _stranger_hash(self) -> str:
        """What an unknown login is measured against, so that it costs the same time as a known one."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def _knock(self, login: str, address: str) -> _Knock:
        now, policy = self._clock.now(), self._policy
        with self._db.transaction() as tx:
            tx.take_turns("people.sign_in")
            of_login = repository.failures_of_login(tx.session, login, policy.max_failures)
            of_address = repository.failures_of_address(tx.session, address, policy.max_failures_per_address)
            closed = [
                until
                for until in (
                    closed_until(of_login, policy.max_failures, policy.window, now),
                    closed_until(of_address, policy.max_failures_per_address, policy.window, now),
                )
                if until is not None
            ]
            person = repository.person_by_login(tx.session, login)
            person_id = person.id if person is not None and person.is_active else None
            password_hash = repository.password_hash(tx.session, person_id) if person_id else None
            if closed:
                return _Knock(None, max(closed), person_id, password_hash)
            attempt = LoginAttempt(login=login, address=address, succeeded=False, at=now)
            tx.session.add(attempt)
            tx.session.flush()
            return _Knock(attempt.id, None, person_id, password_hash)

    def _too_many(self, knock: _Knock) -> TooManyAttempts:
        wait = (knock.retry_at - self._clock.now()).total_seconds() if knock.retry_at else 0.0
        log.warning("people.sign_in.throttled", person_id=knock.person_id)
        return TooManyAttempts("too many wrong passwords; wait a while", retry_after_s=max(1, math.ceil(wait)))

    def _open_session(self, attempt_id: int, person_id: str, verified_hash: str, better_hash: str | None) -> SignedIn:
        now, token = self._clock.now(), secrets.token_urlsafe(32)
        row = LoginSession(
            token_hash=_hash_of(token),
            person_id=person_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            expires_at=now + self._policy.session_life,
        )
        with self._db.transaction() as tx:
            credential = repository.credential(tx.session, person_id)
            person = repository.person(tx.session, person_id)
            if credential is None or credential.password_hash != verified_hash or not person.is_active:
                raise LoginWrong("the account was changed meanwhile")
            if better_hash is not None:
                credential.password_hash = better_hash
            repository.mark_success(tx.session, attempt_id)
            repository.end_expired_sessions(tx.session, now)
            tx.session.add(row)
            facts = _facts_of(person)
        log.info("people.sign_in.succeeded", person_id=person_id)
        return SignedIn(token, row.csrf_token, facts, row.expires_at)

    def _put_password(self, person: PersonFacts, password: str) -> None:
        password_hash = self._hasher.hash(new_password(password, person.login))
        with self._db.transaction() as tx:
            repository.put_password_hash(tx.session, person.id, password_hash, self._clock.now())
            repository.end_sessions_of(tx.session, person.id)
        log.info("people.password.changed", person_id=person.id)

    def _add(self, tx: Transaction, login: str, display_name: str, role: Role, password_hash: str | None) -> str:
        now, person_id = self._clock.now(), new_id()
        person = Person(id=person_id, login=login, display_name=display_name, role=role, is_active=True, created_at=now)
        repository.add_person(tx.session, person)
        if password_hash is not None:
            repository.put_password_hash(tx.session, person_id, password_hash, now)
        log.info("people.person.added", person_id=person_id, role=role)
        return person_id


def _facts_of(person: Person) -> PersonFacts:
    return PersonFacts(person.id, person.login, person.display_name, person.role, person.is_active)


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
