"""The rows of other rooms that callback rows point at, and the policy these tests run under."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from callbacks.domain.attempt import AttemptResult, Claim
from callbacks.domain.calling_hours import CallingHours
from callbacks.domain.disposition import Disposition
from callbacks.domain.policy import CallbackPolicy
from callbacks.domain.retry import Ladder
from callbacks.models import CallbackAttempt, CallbackTask, Rating
from callbacks.service import CallbackService
from ivr.domain.call import CallDirection, CallStatus
from ivr.models import Call
from kit.clock import FixedClock
from kit.db import Database
from kit.ids import new_id
from people.domain.role import Role
from people.models import Person
from ticketing.domain.assignment import HolderKind
from ticketing.domain.lifecycle import TicketStatus
from ticketing.duty_models import Desk
from ticketing.models import TextSource, Ticket

BEIJING = ZoneInfo("Asia/Shanghai")
ALL_DAY = CallingHours(BEIJING, ((time.min, time.max),))
CITIZEN = "+8613900000001"
LADDER = {
    "no_answer": [30, 120],
    "busy": [10],
    "silent": [60],
    "broken_off": [30],
    "interrupted": [5],
    "not_dialled": [0, 0],
}
POLICY = CallbackPolicy(
    hours=ALL_DAY,
    delay=timedelta(0),
    ladder=Ladder.from_minutes(LADDER),
    max_at_once=2,
    lease=timedelta(minutes=15),
    dissatisfied_from=4,
)


@dataclass(frozen=True)
class Press:
    digit: str
    at_ms: int


@dataclass(frozen=True)
class Spoken:
    question: str
    phrase: str
    confidence: float
    start_ms: int
    end_ms: int
    verdict: str


def answered(
    solved: bool | None = None, satisfaction: int | None = None, digits: Sequence[Press] = ()
) -> AttemptResult:
    """A call that was picked up, with what was answered in it."""
    return AttemptResult(Disposition.ANSWERED, "sip 200", solved, satisfaction, digits)


@dataclass
class Books:
    db: Database
    clock: FixedClock
    _desk_id: str | None = field(default=None)

    def person(self, login: str) -> str:
        person = Person(
            id=new_id(), login=login, display_name=login, role=Role.AGENT, is_active=True, created_at=self.clock.now()
        )
        with self.db.transaction() as tx:
            tx.session.add(person)
        return person.id

    def call(self) -> str:
        call = Call(
            id=new_id(),
            direction=CallDirection.INBOUND,
            line="12345",
            caller=CITIZEN,
            status=CallStatus.ENDED,
            started_at=self.clock.now(),
            telephony_id="t1",
        )
        with self.db.transaction() as tx:
            tx.session.add(call)
        return call.id

    def ticket(self) -> str:
        now = self.clock.now()
        with self.db.transaction() as tx:
            if self._desk_id is None:
                self._desk_id = new_id()
                tx.session.add(Desk(id=self._desk_id, name="受理席组", is_intake=True))
                tx.session.flush()
            ticket = Ticket(
                id=new_id(),
                number=new_id()[:12],
                status=TicketStatus.RESOLVED,
                caller=CITIZEN,
                text="路灯不亮",
                text_source=TextSource.TRANSCRIPT,
                desk_id=self._desk_id,
                round=1,
                holder_kind=HolderKind.SUPERVISOR_QUEUE,
                created_at=now,
                updated_at=now,
            )
            tx.session.add(ticket)
        return ticket.id

    def attempts(self, task_id: str) -> list[CallbackAttempt]:
        rows = select(CallbackAttempt).where(CallbackAttempt.task_id == task_id).order_by(CallbackAttempt.number)
        with self.db.reading() as session:
            return list(session.scalars(rows))

    def ratings(self) -> list[Rating]:
        with self.db.reading() as session:
            return list(session.scalars(select(Rating)))

    def tasks(self) -> list[CallbackTask]:
        with self.db.reading() as session:
            return list(session.scalars(select(CallbackTask)))


@dataclass
class Line:
    """A telephony process as the books see it: claims, marks, reports."""

    service: CallbackService
    books: Books
    telephony_id: str = "t1"

    def as_process(self, telephony_id: str) -> "Line":
        return replace(self, telephony_id=telephony_id)

    def task(self, handler_person_id: str | None = None) -> str:
        """A satisfaction task of a new ticket, due now."""
        ticket_id = self.books.ticket()
        return self.service.schedule_satisfaction(ticket_id, "20260302-0001", 1, CITIZEN, handler_person_id)

    def claim(self) -> Claim:
        (claim,) = self.service.claim_due(self.telephony_id, 1)
        return claim

    def claim_and_dial(self) -> Claim:
        claim = self.claim()
        self.service.mark_dialling(claim.attempt_id)
        return claim

    def call(self, result: AttemptResult) -> Claim:
        """One whole attempt."""
        claim = self.claim_and_dial()
        self.service.finish_attempt(claim.attempt_id, result)
        return claim
