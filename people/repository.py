"""Persons, credentials, sessions and sign-in attempts, in and out."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from people.domain.errors import LoginTaken, PersonNotFound
from people.domain.role import Role
from people.models import Credential, LoginAttempt, LoginSession, Person


def person(session: Session, person_id: str) -> Person:
    found = session.get(Person, person_id)
    if found is None:
        raise PersonNotFound("there is no such person", person_id=person_id)
    return found


def person_by_login(session: Session, login: str) -> Person | None:
    return session.scalars(select(Person).where(Person.login == login)).one_or_none()


def people(session: Session) -> list[Person]:
    return list(session.scalars(select(Person).order_by(Person.login)))


def is_empty(session: Session) -> bool:
    return session.scalar(select(Person.id).limit(1)) is None


def add_person(session: Session, person: Person) -> None:
    """Raises LoginTaken."""
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError as error:
        raise LoginTaken("this login belongs to somebody", login=person.login) from error


def active_admin_ids(session: Session) -> set[str]:
    return set(session.scalars(select(Person.id).where(Person.role == Role.ADMIN, Person.is_active)))


def credential(session: Session, person_id: str) -> Credential | None:
    """The credential, locked: a password change and a sign-in with the old password take turns."""
    return session.get(Credential, person_id, with_for_update=True, populate_existing=True)


def password_hash(session: Session, person_id: str) -> str | None:
    return session.scalar(select(Credential.password_hash).where(Credential.person_id == person_id))


def put_password_hash(session: Session, person_id: str, password_hash: str, now: datetime) -> None:
    held = credential(session, person_id)
    if held is None:
        session.add(Credential(person_id=person_id, password_hash=password_hash, changed_at=now))
    else:
        held.password_hash, held.changed_at = password_hash, now


def live_session(session: Session, token_hash: str, now: datetime) -> tuple[LoginSession, Person] | None:
    """The session and its person, unless it has expired or the person was deactivated."""
    row = session.execute(
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.token_hash == token_hash, LoginSession.expires_at > now, Person.is_active)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def end_session(session: Session, token_hash: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.token_hash == token_hash))


def end_sessions_of(session: Session, person_id: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.person_id == person_id))


def end_expired_sessions(session: Session, now: datetime) -> None:
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))


def failures_of_login(session: Session, login: str, limit: int) -> list[datetime]:
    """The newest failures since the login's last success."""
    last_success = (
        select(func.coalesce(func.max(LoginAttempt.id), 0))
        .where(LoginAttempt.login == login, LoginAttempt.succeeded)
        .scalar_subquery()
    )
    rows = select(LoginAttempt.at).where(LoginAttempt.login == login, LoginAttempt.id > last_success)
    return list(session.scalars(rows.order_by(LoginAttempt.id.desc()).limit(limit)))


def failures_of_address(session: Session, address: str, limit: int) -> list[datetime]:
    """The newest failures from the address; a success does not wipe them out, or one good account would
    let its owner guess at all others."""
    rows = select(LoginAttempt.at).where(LoginAttempt.address == address, LoginAttempt.succeeded.is_(False))
    return list(session.scalars(rows.order_by(LoginAttempt.id.desc()).limit(limit)))


def mark_success(session: Session, attempt_id: int) -> None:
    session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(succeeded=True))
