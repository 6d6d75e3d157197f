"""A desk to play on: people, seats, shifts and voice messages in an empty database, and the services over it."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ivr.domain.call import CallDirection, CallOutcome, CallStatus
from ivr.models import Call, MessageQuality, Recording, VoiceMessage
from kit.clock import FixedClock
from kit.db import Database
from kit.ids import new_id
from people.domain.role import Role
from people.models import Person
from ticketing import clock_repository
from ticketing.department_service import DepartmentService
from ticketing.domain.clocks import GRAB, ClockFacts, ClockRules, ClockSpec
from ticketing.domain.department import DepartmentFacts, Level
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.lifecycle import TicketAction, TimelineFact
from ticketing.domain.policy import TicketPolicy
from ticketing.domain.ticket import Actor, TextSource, TicketFacts
from ticketing.duty_service import DutyService
from ticketing.models import Offer, TicketEvent
from ticketing.service import NewTicket, TicketService

_BEGINS = frozenset({TimelineFact.CREATED, TicketAction.REOPEN})
CLOCKS = ClockRules(
    (
        ClockSpec("accept", _BEGINS, frozenset({TicketAction.ACCEPT, TicketAction.ASSIGN}), timedelta(seconds=180)),
        ClockSpec(
            "answer",
            _BEGINS,
            frozenset({TicketAction.RESOLVE}),
            timedelta(days=1),
            pauses_on=frozenset({TicketAction.SUSPEND}),
            resumes_on=frozenset({TicketAction.RESUME, TicketAction.TRANSFER}),
        ),
        ClockSpec(
            GRAB,
            frozenset({TicketAction.OPEN_GRABBING}),
            frozenset({TicketAction.GRAB, TicketAction.DISPATCH, TicketAction.END_GRABBING}),
            timedelta(hours=1),
        ),
    ),
    version="of the scene",
)
POLICY = TicketPolicy(
    timezone=ZoneInfo("Asia/Shanghai"),
    offer_s=180,
    capacity=3,
    presence_grace_s=45,
    call_offer_s=20,
    redial_s=60,
    line_max=10,
    wrap_up_s=60,
    grab_points=2,
    clocks=CLOCKS,
)
CALLER = "+8613900000001"
SUE = Actor("sue", is_supervisor=True)
AVAILABLE, AWAY, OFFLINE = PresenceState.AVAILABLE, PresenceState.AWAY, PresenceState.OFFLINE
ACCEPT, NOTE, RESOLVE = TicketAction.ACCEPT, TicketAction.NOTE, TicketAction.RESOLVE


@dataclass
class Scene:
    db: Database
    clock: FixedClock
    policy: TicketPolicy = POLICY

    def __post_init__(self) -> None:
        self.tickets = TicketService(self.db, self.clock, self.policy)
        self.duty = DutyService(self.db, self.clock, self.policy)
        self.departments = DepartmentService(self.db, self.clock)
        self.people: list[str] = []
        self.add_person("sue", Role.SUPERVISOR)
        self.add_person("sam", Role.SUPERVISOR)
        self.desk_id = self.duty.add_desk("受理席组", is_intake=True)

    def add_person(self, name: str, role: Role = Role.AGENT) -> None:
        """A person whose id is his name."""
        with self.db.transaction() as tx:
            tx.session.add(
                Person(id=name, login=name, display_name=name, role=role, is_active=True, created_at=self.clock.now())
            )
        self.people.append(name)

    def add_pair(self, a: str, b: str) -> str:
        """A seat with a shift of A and B until further notice; both exist afterwards, neither is present."""
        for person in (a, b):
            if person not in self.people:
                self.add_person(person)
        position = len(self.duty.seats())
        seat_id = self.duty.add_seat(self.desk_id, f"受理席{position + 1}", position)
        self.duty.add_shift(seat_id, self.clock.now() - timedelta(days=1), None, a, b)
        return seat_id

    def add_department(self, code: str, handler: str) -> str:
        """A department with one person who handles for it."""
        entry = DepartmentFacts("", code, code, Level.DISTRICT, None, None, None, takes_dispatch=True, is_active=True)
        department_id = self.departments.put(entry)
        self.add_person(handler, Role.HANDLER)
        self.departments.add_member(department_id, handler)
        return department_id

    def come(self, *people: str) -> None:
        for person in people:
            self.duty.set_presence(person, AVAILABLE)

    def go(self, *people: str) -> None:
        for person in people:
            self.duty.set_presence(person, OFFLINE)

    def wait(self, seconds: float, *, seen: tuple[str, ...] = ()) -> None:
        """Time passes; the consoles of these people stay connected."""
        self.clock.advance(timedelta(seconds=seconds))
        for person in seen:
            self.duty.seen(person)

    def add_message(self, caller: str = CALLER) -> NewTicket:
        """A voice message as the phone line files it, and the ticket that is to come of it."""
        call_id, recording_id, message_id = new_id(), new_id(), new_id()
        now = self.clock.now()
        with self.db.transaction() as tx:
            tx.session.add(
                Call(
                    id=call_id,
                    direction=CallDirection.INBOUND,
                    line="12345",
                    caller=caller,
                    status=CallStatus.ENDED,
                    outcome=CallOutcome.MESSAGE_LEFT,
                    started_at=now,
                    telephony_id="telephony-1",
                    digits=[],
                )
            )
            tx.session.flush()
            tx.session.add(
                Recording(
                    id=recording_id,
                    call_id=call_id,
                    file_key=recording_id,
                    size_bytes=1,
                    sha256="0" * 64,
                    sample_rate=8000,
                    duration_ms=1000,
                    is_partial=False,
                    started_at=now,
                )
            )
            tx.session.flush()
            tx.session.add(
                VoiceMessage(
                    id=message_id,
                    call_id=call_id,
                    recording_id=recording_id,
                    caller=caller,
                    quality=MessageQuality.OK,
                    duration_ms=1000,
                    received_at=now,
                )
            )
        return NewTicket(message_id, caller, "路灯坏了", TextSource.TRANSCRIPT, reserved_for=call_id)

    def open(self, caller: str = CALLER) -> str:
        return self.tickets.open_ticket(self.add_message(caller))

    def holder(self, ticket_id: str) -> str | None:
        """None: the supervisor queue."""
        return self.tickets.ticket(ticket_id).holder_person_id

    def act(self, ticket_id: str, action: TicketAction, person: str, note: str = "") -> TicketFacts:
        self.tickets.act(ticket_id, action, Actor(person), note)
        return self.tickets.ticket(ticket_id)

    def resolve(self, ticket_id: str) -> TicketFacts:
        """Its holder accepts if he has not yet, and resolves."""
        ticket = self.tickets.ticket(ticket_id)
        assert ticket.holder_person_id is not None
        if not ticket.is_accepted:
            self.act(ticket_id, ACCEPT, ticket.holder_person_id)
        return self.act(ticket_id, RESOLVE, ticket.holder_person_id, "已修好")

    def rows(self, ticket_id: str) -> list[TicketEvent]:
        with self.db.reading() as session:
            return list(
                session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id))
            )

    def story(self, ticket_id: str) -> list[str]:
        return [row.action for row in self.rows(ticket_id)]

    def offers(self, ticket_id: str) -> list[Offer]:
        with self.db.reading() as session:
            return list(session.scalars(select(Offer).where(Offer.ticket_id == ticket_id).order_by(Offer.offer_no)))

    def clocks(self, ticket_id: str) -> list[ClockFacts]:
        """By round, the soonest first."""
        with self.db.reading() as session:
            found = clock_repository.clocks(session, [ticket_id])[ticket_id]
        return sorted(found, key=lambda clock: (clock.round, clock.due_at))
