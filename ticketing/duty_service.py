"""The use cases of duty: desks, seats, shifts, who is present, and who would get the next work."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit.clock import Clock
from kit.db import Base, Database, Transaction
from kit.errors import HotlineError
from kit.ids import new_id
from ticketing import duty_repository
from ticketing.domain.assignment import OfferTo, next_holder
from ticketing.domain.duty_roster import (
    DeskFacts,
    DutyPair,
    Gap,
    PresenceFacts,
    PresenceState,
    SeatFacts,
    Shift,
    check_phone,
    check_shift,
    uncovered,
)
from ticketing.domain.errors import (
    DeskNotFound,
    NameTaken,
    NoIntakeDesk,
    PersonUnknown,
    SeatNotFound,
    ShiftNotFound,
)
from ticketing.domain.events import PresenceChanged
from ticketing.domain.policy import TicketPolicy
from ticketing.duty_models import Desk, DutyShift, Presence, Seat

log = structlog.get_logger(__name__)

_SEEN_WRITES_PER_GRACE = 4


class DutyService:
    def __init__(self, db: Database, clock: Clock, policy: TicketPolicy) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy

    # desks, seats, shifts

    def add_desk(self, name: str, *, is_intake: bool = False) -> str:
        """Raises NameTaken."""
        with self._db.transaction() as tx:
            desk = Desk(id=new_id(), name=name, is_intake=is_intake)
            _insert(tx.session, desk, NameTaken("a desk of that name exists", name=name))
            return desk.id

    def add_seat(self, desk_id: str, name: str, position: int = 0) -> str:
        """Raises DeskNotFound, NameTaken."""
        with self._db.transaction() as tx:
            if tx.session.get(Desk, desk_id) is None:
                raise DeskNotFound
            seat = Seat(id=new_id(), desk_id=desk_id, name=name, position=position)
            _insert(tx.session, seat, NameTaken("a seat of that name exists", name=name))
            return seat.id

    def add_shift(
        self, seat_id: str, starts_at: datetime, ends_at: datetime | None, a_person_id: str, b_person_id: str
    ) -> str:
        """`ends_at` None: until further notice. Raises SeatNotFound, BadShift, PersonUnknown."""
        shift = Shift(new_id(), seat_id, starts_at, ends_at, a_person_id, b_person_id)
        with self._db.transaction() as tx:
            self._hold_seat(tx, seat_id)
            check_shift(shift, duty_repository.shifts_of_seat(tx.session, seat_id))
            row = DutyShift(
                id=shift.id,
                seat_id=seat_id,
                starts_at=starts_at,
                ends_at=ends_at,
                a_person_id=a_person_id,
                b_person_id=b_person_id,
            )
            _insert(tx.session, row, PersonUnknown())
            log.info("ticketing.shift.added", seat_id=seat_id, shift_id=shift.id)
            return shift.id

    def end_shift(self, shift_id: str, ends_at: datetime) -> None:
        """Set the end of a shift, as of one that ran until further notice. Raises ShiftNotFound, BadShift."""
        with self._db.transaction() as tx:
            row = tx.session.get(DutyShift, shift_id)
            if row is None:
                raise ShiftNotFound
            self._hold_seat(tx, row.seat_id)
            others = duty_repository.shifts_of_seat(tx.session, row.seat_id)
            row.ends_at = ends_at
            check_shift(duty_repository.shift_facts(row), others)
            log.info("ticketing.shift.ended", seat_id=row.seat_id, shift_id=shift_id)

    def desks(self) -> list[DeskFacts]:
        with self._db.reading() as session:
            rows = session.scalars(select(Desk).order_by(Desk.name))
            return [DeskFacts(row.id, row.name, row.is_intake) for row in rows]

    def desk(self, desk_id: str) -> DeskFacts:
        """Raises DeskNotFound."""
        with self._db.reading() as session:
            row = session.get(Desk, desk_id)
            if row is None:
                raise DeskNotFound
            return DeskFacts(row.id, row.name, row.is_intake)

    def seats(self, desk_id: str | None = None) -> list[SeatFacts]:
        """Of one desk, or all."""
        query = select(Seat).order_by(Seat.desk_id, Seat.position, Seat.name)
        with self._db.reading() as session:
            rows = session.scalars(query if desk_id is None else query.where(Seat.desk_id == desk_id))
            return [SeatFacts(row.id, row.desk_id, row.name, row.position) for row in rows]

    def shifts(self, desk_id: str, starts_at: datetime, ends_at: datetime) -> list[Shift]:
        """Shifts that touch that time, by seat, then start."""
        with self._db.reading() as session:
            return duty_repository.shifts_of_desk(session, desk_id, starts_at, ends_at)

    def on_duty(self, desk_id: str) -> list[DutyPair]:
        """The pairs on duty now, in the desk's order."""
        with self._db.reading() as session:
            return duty_repository.pairs_on_duty(session, desk_id, self._clock.now())

    def uncovered(self, desk_id: str, starts_at: datetime, ends_at: datetime) -> list[Gap]:
        """The minutes of [starts_at, ends_at) in which no seat of the desk has a shift."""
        with self._db.reading() as session:
            return uncovered(duty_repository.shifts_of_desk(session, desk_id, starts_at, ends_at), starts_at, ends_at)

    def person_on_duty(self, desk_id: str | None = None) -> str | None:
        """Who would get the next piece of work of the desk (None: the intake desk); None: nobody could."""
        with self._db.reading() as session:
            try:
                desk = desk_id or duty_repository.intake_desk_id(session)
            except NoIntakeDesk:
                return None
            step = next_holder(duty_repository.ladder(session, desk, self._policy, self._clock.now()))
        return step.person_id if isinstance(step, OfferTo) else None

    # presence

    def set_presence(self, person_id: str, state: PresenceState) -> None:
        """What the person chose, or what his console's coming and going means. Raises PersonUnknown."""
        try:
            self._write_presence(person_id, state)
        except IntegrityError:  # two consoles of one person came up at once, or there is no such person
            try:
                self._write_presence(person_id, state)
            except IntegrityError:
                raise PersonUnknown from None

    def set_phone(self, person_id: str, phone: str | None) -> None:
        """Where calls for him ring from now on; None: nowhere. Does nothing for who has never signed in.

        Raises PhoneOfAnother.
        """
        if phone is not None:
            check_phone(phone, person_id)
        with self._db.transaction() as tx:
            if duty_repository.update_presence(tx.session, person_id, phone=phone):
                tx.raise_event(PresenceChanged(person_id))

    def seen(self, person_id: str) -> None:
        """A sign of life of his console; may come every second, is written a few times per grace time."""
        now = self._clock.now()
        known = self.presence(person_id)
        pause = timedelta(seconds=self._policy.presence_grace_s / _SEEN_WRITES_PER_GRACE)
        if known is None or now - known.seen_at < pause:
            return
        with self._db.transaction() as tx:
            duty_repository.update_presence(tx.session, person_id, seen_at=now)
            if known.is_silent(now, self._policy.presence_grace_s):
                tx.raise_event(PresenceChanged(person_id))

    def presence(self, person_id: str) -> PresenceFacts | None:
        """None: he has never signed in."""
        with self._db.reading() as session:
            return duty_repository.presence(session, person_id)

    def is_available(self, person_id: str) -> bool:
        """Whether he can be given work now, his load apart."""
        known = self.presence(person_id)
        return known is not None and known.is_available(self._clock.now(), self._policy.presence_grace_s)

    def _write_presence(self, person_id: str, state: PresenceState) -> None:
        with self._db.transaction() as tx:
            now = self._clock.now()
            known = duty_repository.presence(tx.session, person_id)
            if known is None:
                tx.session.add(Presence(person_id=person_id, state=state, since=now, seen_at=now))
                tx.session.flush()
            else:
                since = known.since if known.state is state else now
                chosen = {"state": state, "away_reason": None, "since": since}
                duty_repository.update_presence(tx.session, person_id, seen_at=now, **chosen)
            if known is None or known.state is not state or known.is_silent(now, self._policy.presence_grace_s):
                tx.raise_event(PresenceChanged(person_id))
                log.info("ticketing.presence.changed", person_id=person_id, state=state)

    def _hold_seat(self, tx: Transaction, seat_id: str) -> None:
        """Until the commit nobody else changes this seat's shifts."""
        tx.take_turns(f"ticketing.seat.{seat_id}")
        if tx.session.get(Seat, seat_id) is None:
            raise SeatNotFound


def _insert(session: Session, row: Base, refusal: HotlineError) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise refusal from None
