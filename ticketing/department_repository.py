"""Departments, who belongs to them, and what ties them to a ticket."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ticketing import repository
from ticketing.department_models import Department, DepartmentMember
from ticketing.domain.department import DepartmentFacts
from ticketing.domain.errors import DepartmentNotFound
from ticketing.domain.lifecycle import TicketAction
from ticketing.domain.ticket import Actor, Relations, TicketFacts
from ticketing.models import GrabCandidate, TicketEvent

_COLUMNS = [getattr(Department, name) for name in DepartmentFacts.__dataclass_fields__]
_TAKEN_ON = (TicketAction.SIGN, TicketAction.GRAB)


def department(session: Session, department_id: str) -> DepartmentFacts:
    """Raises DepartmentNotFound."""
    row = session.execute(select(*_COLUMNS).where(Department.id == department_id)).one_or_none()
    if row is None:
        raise DepartmentNotFound
    return DepartmentFacts(*row)


def departments(session: Session) -> dict[str, DepartmentFacts]:
    """The whole directory by id, in the order of names."""
    rows = session.execute(select(*_COLUMNS).order_by(Department.name))
    return {facts.id: facts for facts in (DepartmentFacts(*row) for row in rows)}


def departments_of(session: Session, person_id: str) -> frozenset[str]:
    """Those that the person handles for."""
    query = select(DepartmentMember.department_id).where(DepartmentMember.person_id == person_id)
    return frozenset(session.scalars(query))


def candidates(session: Session, ticket_id: str) -> list[str]:
    """Departments that may grab the ticket; the first is the one that has to, when nobody does."""
    query = select(GrabCandidate.department_id).where(GrabCandidate.ticket_id == ticket_id)
    return list(session.scalars(query.order_by(GrabCandidate.position)))


def set_candidates(session: Session, ticket_id: str, department_ids: Sequence[str]) -> None:
    session.execute(
        delete(GrabCandidate).where(GrabCandidate.ticket_id == ticket_id).execution_options(synchronize_session=False)
    )
    for position, department_id in enumerate(department_ids):
        session.add(GrabCandidate(ticket_id=ticket_id, department_id=department_id, position=position))
    session.flush()


def relations(session: Session, ticket: TicketFacts, actor: Actor) -> Relations:
    """What ties this person, and departments, to the ticket."""
    own = departments_of(session, actor.person_id)
    return Relations(
        own_departments=own,
        candidates=frozenset(candidates(session, ticket.id)) if own else frozenset(),
        accepted_by=repository.accepted_by(session, ticket.id),
        signed_by=_signed_by(session, ticket.id) if own else frozenset(),
    )


def _signed_by(session: Session, ticket_id: str) -> frozenset[str]:
    rows = session.scalars(
        select(TicketEvent.to_department_id).where(
            TicketEvent.ticket_id == ticket_id, TicketEvent.action.in_(_TAKEN_ON)
        )
    )
    return frozenset(department_id for department_id in rows if department_id is not None)
