"""Any order of comings, goings, offers, silences, accepts, orders and reopenings, on the pure rules alone."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ticketing.domain.assignment import (
    Asked,
    HolderKind,
    Ladder,
    MissReason,
    OfferTo,
    Workload,
    by_fairness,
    next_holder,
)
from ticketing.domain.duty_roster import DutyPair
from ticketing.domain.lifecycle import AWAITING_HOLDER, ON_SEAT, TicketAction, TicketStatus, next_status

PEOPLE = [f"p{n}" for n in range(5)]
CAPACITY = 2
MOST_TICKETS = 6
people = st.sampled_from(PEOPLE)
numbers = st.integers(0, 99)


@dataclass
class OneTicket:
    """The least a keeper of tickets must remember, held the way the rules say."""

    status: TicketStatus = TicketStatus.NEW
    holder_kind: HolderKind = HolderKind.SUPERVISOR_QUEUE
    person: str | None = None
    asked: list[Asked] = field(default_factory=list)
    accepts: int = 0
    holders_seen: list[str | None] = field(default_factory=list)

    def give(self, person: str | None) -> None:
        self.person = person
        self.holder_kind = HolderKind.SUPERVISOR_QUEUE if person is None else HolderKind.PERSON
        self.holders_seen.append(person)


class AssignmentMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.pairs = [DutyPair("seat-0", "p0", "p1"), DutyPair("seat-1", "p2", "p3")]
        self.present: set[str] = set()
        self.tickets = [OneTicket()]
        self.place(self.tickets[0])

    def pick(self, number: int) -> OneTicket:
        return self.tickets[number % len(self.tickets)]

    def ladder(self) -> Ladder:
        load = {
            person: Workload(sum(t.person == person and t.status in ON_SEAT for t in self.tickets)) for person in PEOPLE
        }
        hindrances = {
            person: MissReason.ABSENT
            if person not in self.present
            else MissReason.AT_CAPACITY
            if load[person].open_tickets >= CAPACITY
            else None
            for person in PEOPLE
        }
        return Ladder(by_fairness(self.pairs, load), hindrances)

    def place(self, ticket: OneTicket) -> None:
        step = next_holder(self.ladder(), ticket.asked)
        if isinstance(step, OfferTo):
            ticket.asked.append(Asked(step.person_id, step.seat_id))
            ticket.give(step.person_id)
        else:
            ticket.give(None)

    @rule(person=people)
    def come(self, person: str) -> None:
        self.present.add(person)

    @rule(person=people)
    def go(self, person: str) -> None:
        self.present.discard(person)

    @rule(pairs=st.lists(st.permutations(PEOPLE).map(lambda order: (order[0], order[1])), max_size=3))
    def change_shift(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = [DutyPair(f"seat-{n}", a, b) for n, (a, b) in enumerate(pairs)]

    @rule()
    def open(self) -> None:
        if len(self.tickets) == MOST_TICKETS:
            return
        self.tickets.append(OneTicket())
        self.place(self.tickets[-1])

    @rule(number=numbers)
    def run_out(self, number: int) -> None:
        ticket = self.pick(number)
        if ticket.status in AWAITING_HOLDER and ticket.person is not None:
            self.place(ticket)

    @rule(number=numbers)
    def accept(self, number: int) -> None:
        ticket = self.pick(number)
        if ticket.status in AWAITING_HOLDER and ticket.person is not None:
            ticket.status = next_status(ticket.status, TicketAction.ACCEPT)
            ticket.accepts += 1

    @rule(number=numbers, person=people)
    def assign(self, number: int, person: str) -> None:
        ticket = self.pick(number)
        if ticket.status in ON_SEAT:
            ticket.status = next_status(ticket.status, TicketAction.ASSIGN)
            ticket.give(person)

    @rule(number=numbers)
    def resolve_and_reopen(self, number: int) -> None:
        ticket = self.pick(number)
        if ticket.status is TicketStatus.ACCEPTED:
            for action in (TicketAction.RESOLVE, TicketAction.START_REVISIT, TicketAction.REOPEN):
                ticket.status = next_status(ticket.status, action)
            ticket.asked, ticket.accepts = [], 0
            self.place(ticket)

    @invariant()
    def every_ticket_has_exactly_one_holder(self) -> None:
        for ticket in self.tickets:
            assert (ticket.holder_kind is HolderKind.PERSON) == (ticket.person is not None)
            if ticket.status not in AWAITING_HOLDER:
                assert ticket.person is not None

    @invariant()
    def nobody_is_asked_twice_or_accepts_twice_in_a_round(self) -> None:
        for ticket in self.tickets:
            names = [offer.person_id for offer in ticket.asked]
            assert len(names) == len(set(names))
            assert ticket.accepts <= 1

    @invariant()
    def offers_never_take_anybody_beyond_his_capacity(self) -> None:
        for person in PEOPLE:
            offered = sum(t.person == person and t.status in AWAITING_HOLDER for t in self.tickets)
            assert offered <= CAPACITY

    def teardown(self) -> None:
        """With everybody silent each ticket ends with the supervisors, after each person was asked at most once."""
        for ticket in self.tickets:
            steps = 0
            while ticket.status in AWAITING_HOLDER and ticket.person is not None:
                self.place(ticket)
                steps += 1
                assert steps <= len(PEOPLE)


TestAssignmentMachine = AssignmentMachine.TestCase
TestAssignmentMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
