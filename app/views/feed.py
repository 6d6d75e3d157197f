"""What the console's feed reads: timeline rows in order, and the callback tasks that are in somebody's hands.

Ids of the timeline are given at the insert but become visible at the commit, so on PostgreSQL a smaller id
may appear after a larger one. Readers therefore look back over an overlap and drop what they have had.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.views.viewer import PersonRef, Viewer, person_ref
from callbacks.domain.lifecycle import CallbackStatus
from callbacks.models import CallbackTask
from people.models import Person
from ticketing.department_models import DepartmentMember
from ticketing.domain.lifecycle import TicketAction, TicketStatus
from ticketing.models import Ticket, TicketEvent

OVERLAP = timedelta(seconds=15)
"""Longer than any transaction that writes a timeline row stays open."""

_MOST_IN_HANDS = 5000


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One timeline row; `from_person_id` and `to_person_id` held the ticket before and after it."""

    id: int
    ticket_id: str
    number: str
    at: datetime
    action: str
    status: TicketStatus
    from_person_id: str | None
    to_person_id: str | None
    holder: PersonRef | None
    handlers: frozenset[str] = frozenset()
    """The people of the departments that it comes from, goes to, or is open to."""

    def is_for(self, viewer: Viewer) -> bool:
        """The holder before, the holder after, their departments' people, and supervisors; nobody else."""
        mine = viewer.person_id
        return viewer.is_supervisor or mine in (self.from_person_id, self.to_person_id) or mine in self.handlers


@dataclass(frozen=True, slots=True)
class TaskInHands:
    """The state of a callback task as far as a list shows it."""

    owner_person_id: str | None
    status: CallbackStatus
    attempt_count: int


def newest_id(session: Session) -> int:
    return session.scalar(select(func.max(TicketEvent.id))) or 0


def events_after(session: Session, after_id: int, limit: int) -> list[FeedRow]:
    """Rows with a larger id, in order."""
    return _read(session, _rows().where(TicketEvent.id > after_id), limit)


def missed_events(session: Session, viewer: Viewer, cursor: int, limit: int) -> list[FeedRow]:
    """What concerns this viewer since `cursor`, in order, from one overlap before it."""
    at_cursor = session.scalar(select(TicketEvent.at).where(TicketEvent.id == cursor))
    since = TicketEvent.id > cursor
    if at_cursor is not None:
        since = or_(since, (TicketEvent.id > cursor - 1000) & (TicketEvent.at >= at_cursor - OVERLAP))
    query = _rows().where(since)
    if not viewer.is_supervisor:
        mine = viewer.person_id
        ours = select(DepartmentMember.department_id).where(DepartmentMember.person_id == mine)
        concerns = [TicketEvent.from_person_id == mine, TicketEvent.to_person_id == mine]
        concerns += [TicketEvent.from_department_id.in_(ours), TicketEvent.to_department_id.in_(ours)]
        query = query.where(or_(*concerns))
    return _read(session, query, limit)


def callbacks_in_hands(session: Session) -> dict[str, TaskInHands]:
    """Every task that is being dialled or waits for a person, by id."""
    query = (
        select(CallbackTask.id, CallbackTask.owner_person_id, CallbackTask.status, CallbackTask.attempt_count)
        .where(CallbackTask.status.in_((CallbackStatus.DIALLING, CallbackStatus.WITH_PERSON)))
        .order_by(CallbackTask.created_at.desc())
        .limit(_MOST_IN_HANDS)
    )
    return {
        task_id: TaskInHands(owner, status, attempts) for task_id, owner, status, attempts in session.execute(query)
    }


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(TicketEvent, Ticket.number, Person.display_name)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(Person, Person.id == TicketEvent.to_person_id)
    )


def _read(session: Session, query: Select[*tuple[Any, ...]], limit: int) -> list[FeedRow]:
    found = session.execute(query.order_by(TicketEvent.id).limit(limit)).all()
    members = _members(session, {each for row, *_ in found for each in _departments_in(row)})
    return [
        FeedRow(
            id=row.id,
            ticket_id=row.ticket_id,
            number=number,
            at=row.at,
            action=row.action,
            status=row.to_status,
            from_person_id=row.from_person_id,
            to_person_id=row.to_person_id,
            holder=person_ref(row.to_person_id, holder_name),
            handlers=frozenset().union(*(members.get(each, ()) for each in _departments_in(row))),
        )
        for row, number, holder_name in found
    ]


def _departments_in(row: TicketEvent) -> set[str]:
    opened_to = row.details.get("departments", []) if row.action == TicketAction.OPEN_GRABBING else []
    return {each for each in (row.from_department_id, row.to_department_id, *opened_to) if each is not None}


def _members(session: Session, department_ids: set[str]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {}
    if department_ids:
        query = select(DepartmentMember).where(DepartmentMember.department_id.in_(department_ids))
        for row in session.scalars(query):
            members.setdefault(row.department_id, set()).add(row.person_id)
    return members
