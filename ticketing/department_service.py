"""The use cases of the directory: departments, who is above whom, and who handles for them."""

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from kit.clock import Clock
from kit.db import Database, Transaction
from kit.ids import new_id
from ticketing import department_repository
from ticketing.department_models import Department, DepartmentMember
from ticketing.domain.department import DepartmentFacts, check_department
from ticketing.domain.errors import DepartmentNotFound, NameTaken, PersonUnknown

log = structlog.get_logger(__name__)


class DepartmentService:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def put(self, entry: DepartmentFacts) -> str:
        """Enter a department, or change the one of this `code`; its id. `entry.id` is not looked at.

        Raises BadDepartment, NameTaken (another one has the name).
        """
        with self._db.transaction() as tx:
            tx.take_turns("ticketing.departments")
            known = department_repository.departments(tx.session)
            present = next((each for each in known.values() if each.code == entry.code), None)
            department_id = present.id if present else new_id()
            return self._write(tx, department_id, entry, known)

    def departments(self) -> list[DepartmentFacts]:
        """All of them, by name; also those that were closed."""
        with self._db.reading() as session:
            return list(department_repository.departments(session).values())

    def department(self, department_id: str) -> DepartmentFacts:
        """Raises DepartmentNotFound."""
        with self._db.reading() as session:
            return department_repository.department(session, department_id)

    def departments_of(self, person_id: str) -> frozenset[str]:
        with self._db.reading() as session:
            return department_repository.departments_of(session, person_id)

    def add_member(self, department_id: str, person_id: str) -> None:
        """He handles for it from now on; adding him twice changes nothing. Raises DepartmentNotFound, PersonUnknown."""
        try:
            with self._db.transaction() as tx:
                if tx.session.get(Department, department_id) is None:
                    raise DepartmentNotFound
                if tx.session.get(DepartmentMember, (department_id, person_id)) is None:
                    row = DepartmentMember(department_id=department_id, person_id=person_id, since=self._clock.now())
                    tx.session.add(row)
                    tx.session.flush()
        except IntegrityError:
            raise PersonUnknown from None
        log.info("ticketing.department.member_added", department_id=department_id, person_id=person_id)

    def remove_member(self, department_id: str, person_id: str) -> None:
        """From now on he sees nothing of it. Removing him twice changes nothing."""
        with self._db.transaction() as tx:
            tx.session.execute(
                delete(DepartmentMember)
                .where(DepartmentMember.department_id == department_id, DepartmentMember.person_id == person_id)
                .execution_options(synchronize_session=False)
            )
        log.info("ticketing.department.member_removed", department_id=department_id, person_id=person_id)

    def _write(
        self, tx: Transaction, department_id: str, entry: DepartmentFacts, known: dict[str, DepartmentFacts]
    ) -> str:
        values = {name: getattr(entry, name) for name in DepartmentFacts.__dataclass_fields__ if name != "id"}
        check_department(DepartmentFacts(id=department_id, **values), known)
        row = tx.session.get(Department, department_id) or Department(id=department_id)
        for name, value in values.items():
            setattr(row, name, value)
        tx.session.add(row)
        try:
            tx.session.flush()
        except IntegrityError:
            raise NameTaken("a department of that name exists", name=entry.name) from None
        log.info("ticketing.department.entered", department_id=department_id, code=entry.code)
        return department_id
