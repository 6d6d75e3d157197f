"""Any order of logins, timeouts, accepts, moves among departments, reopenings, ticks and crashes, on SQLite."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.schema import METADATA
from kit.clock import FixedClock
from kit.db import Database, Transaction
from kit.errors import HotlineError
from tests.conftest import NOON
from tests.integration.ticketing.scene import ACCEPT, AVAILABLE, AWAY, NOTE, OFFLINE, RESOLVE, SUE, Scene
from tests.integration.ticketing.truths import check_ticket
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.lifecycle import AWAITING_HOLDER, RULES, MoveCause, TicketAction
from ticketing.domain.ticket import Actor, Expedite

MOST_TICKETS = 5
AGENTS = ("ann", "bob", "cai")
HANDLERS = {"lamps": "lin", "roads": "rui"}
MOVES = sorted({rule.action for rule in RULES if rule.who} - {ACCEPT, TicketAction.ASSIGN})
agents = st.sampled_from(AGENTS)
everybody = st.sampled_from([*AGENTS, "sue"])
numbers = st.integers(0, 99)
crashes = st.sampled_from([False, False, False, True])


class Crashed(Exception):
    """The process died before its commit."""


class CrashingDatabase(Database):
    """A database whose next transaction, when told so, is rolled back at its very end."""

    crash_next = False

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with super().transaction() as tx:
            yield tx
            if self.crash_next:
                self.crash_next = False
                raise Crashed


class TicketMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.db = CrashingDatabase("sqlite://")
        METADATA.create_all(self.db.engine)
        self.scene = Scene(self.db, FixedClock(NOON))
        self.ticket_ids: list[str] = []

    @initialize(present=st.sets(agents))
    def people_come_to_work(self, present: set[str]) -> None:
        self.scene.add_pair("ann", "bob")
        self.scene.add_pair("bob", "cai")  # Bob sits on two seats
        self.scene.come(*present)
        self.departments = tuple(self.scene.add_department(code, handler) for code, handler in HANDLERS.items())
        self.ticket_ids.append(self.scene.open())

    def attempt(self, step: Callable[[], object], crash: bool = False) -> None:
        """A step may be refused, or its process may die in it; it is simply not repeated."""
        self.db.crash_next = crash
        try:
            step()
        except (HotlineError, Crashed):
            pass
        finally:
            self.db.crash_next = False

    def pick(self, number: int) -> str:
        return self.ticket_ids[number % len(self.ticket_ids)]

    @rule(person=agents, state=st.sampled_from([AVAILABLE, AVAILABLE, AWAY, OFFLINE]))
    def log_in_or_out(self, person: str, state: PresenceState) -> None:
        self.scene.duty.set_presence(person, state)

    @rule(seconds=st.sampled_from([1, 45, 100, 180, 90_000]), seen=st.sets(agents))
    def time_passes(self, seconds: int, seen: set[str]) -> None:
        self.scene.wait(seconds, seen=tuple(sorted(seen)))

    @rule(caller=st.sampled_from(["+8613900000001", "+8613900000002", "anonymous"]), crash=crashes)
    def open(self, caller: str, crash: bool) -> None:
        if len(self.ticket_ids) == MOST_TICKETS:
            return
        new = self.scene.add_message(caller)
        self.attempt(lambda: self.scene.tickets.open_ticket(new), crash)
        self.ticket_ids.append(self.scene.tickets.open_ticket(new))

    @rule(number=numbers, crash=crashes)
    def holder_accepts(self, number: int, crash: bool) -> None:
        ticket_id = self.pick(number)
        holder = self.scene.holder(ticket_id)
        if holder is not None:
            self.attempt(lambda: self.scene.tickets.act(ticket_id, ACCEPT, Actor(holder)), crash)

    @rule(number=numbers, person=everybody, action=st.sampled_from([ACCEPT, NOTE, RESOLVE]), supervisor=st.booleans())
    def anybody_acts(self, number: int, person: str, action: TicketAction, supervisor: bool) -> None:
        self.attempt(lambda: self.scene.tickets.act(self.pick(number), action, Actor(person, supervisor), "文字"))

    @rule(
        number=numbers,
        action=st.sampled_from(MOVES),
        person=st.sampled_from([*AGENTS, *HANDLERS.values(), "sue", "sam"]),
        to=st.permutations([0, 1]).flatmap(lambda order: st.sampled_from([order[:1], order])),
        crash=crashes,
    )
    def somebody_moves_it(self, number: int, action: TicketAction, person: str, to: list[int], crash: bool) -> None:
        actor = Actor(person, is_supervisor=person in ("sue", "sam"))
        where = tuple(self.departments[each] for each in to)
        step = partial(self.scene.tickets.act, self.pick(number), action, actor, "文字", department_ids=where)
        self.attempt(partial(step, cause=MoveCause.NOT_OURS, level=Expedite.YELLOW), crash)

    @rule(number=numbers, data=st.data(), crash=crashes)
    def somebody_does_what_his_screen_offers(self, number: int, data: st.DataObject, crash: bool) -> None:
        ticket = self.scene.tickets.ticket(self.pick(number))
        person = data.draw(st.sampled_from([*AGENTS, *HANDLERS.values(), "sue", "sam"]))
        actor = Actor(person, is_supervisor=person in ("sue", "sam"))
        offered = sorted(set(self.scene.tickets.allowed_actions(ticket, actor)) & set(MOVES))
        if offered:
            self.somebody_moves_it(number, data.draw(st.sampled_from(offered)), person, [0, 1], crash)

    @rule(number=numbers, person=everybody, crash=crashes)
    def supervisor_assigns(self, number: int, person: str, crash: bool) -> None:
        self.attempt(lambda: self.scene.tickets.assign(self.pick(number), person, SUE), crash)

    @rule(number=numbers, crash=crashes)
    def holder_resolves(self, number: int, crash: bool) -> None:
        ticket_id = self.pick(number)
        holder = self.scene.holder(ticket_id)
        if holder is not None:
            self.attempt(lambda: self.scene.tickets.act(ticket_id, RESOLVE, Actor(holder), "已修好"), crash)

    @rule(number=numbers, is_content=st.booleans(), crash=crashes, round_no=st.sampled_from([None, 1, 2]))
    def citizen_is_asked(self, number: int, is_content: bool, crash: bool, round_no: int | None) -> None:
        tickets, ticket_id = self.scene.tickets, self.pick(number)
        this_round = tickets.ticket(ticket_id).round if round_no is None else round_no
        self.attempt(lambda: tickets.start_revisit(ticket_id, this_round))
        conclude = tickets.close if is_content else tickets.reopen
        for crashes_now in (crash, False):  # after a crash the scheduler takes the step again
            self.attempt(lambda: conclude(ticket_id, this_round, "rated"), crashes_now)

    @rule(crash=crashes)
    def scheduler_ticks(self, crash: bool) -> None:
        self.attempt(self.scene.tickets.expire_offers, crash)
        self.attempt(self.scene.tickets.drain_queue, crash)
        self.attempt(self.scene.tickets.end_grabbing, crash)
        self.attempt(self.scene.tickets.clocks.tick, crash)

    @invariant()
    def every_ticket_is_in_order(self) -> None:
        for ticket_id in self.ticket_ids:
            check_ticket(self.db, ticket_id)
        assert list(self.scene.tickets.clocks.mismatches()) == []

    def teardown(self) -> None:
        """With everybody at his place and silent, each ticket nobody took ends with the supervisors."""
        tickets = [self.scene.tickets.ticket(ticket_id) for ticket_id in self.ticket_ids]
        waiting = [ticket.id for ticket in tickets if ticket.status in AWAITING_HOLDER]
        for _ in range((len(AGENTS) + 1) * (len(waiting) + 1)):
            self.scene.tickets.drain_queue()
            self.scene.wait(180, seen=AGENTS)
            self.scene.tickets.expire_offers()
        for ticket_id in waiting:
            assert self.scene.holder(ticket_id) is None
            check_ticket(self.db, ticket_id)
        self.db.dispose()


TestTicketMachine = TicketMachine.TestCase
TestTicketMachine.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
