"""Random days of one ticket's clocks: pauses, rounds, new rules, ticks that come late or die, a machine set back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.schema import METADATA
from kit.clock import FixedClock
from kit.errors import HotlineError
from tests.integration.ticketing.scene import ACCEPT, NOTE, POLICY, RESOLVE, Scene
from tests.integration.ticketing.test_ticket_machine import Crashed, CrashingDatabase
from ticketing.adapters.china_days import ChinaDays
from ticketing.domain.clocks import ClockRules, ClockSpec
from ticketing.domain.lifecycle import TicketAction, TicketStatus
from ticketing.domain.ticket import Actor
from ticketing.domain.working_time import Span, WorkingTime
from ticketing.service import TicketService

BEFORE_THE_HOLIDAYS = datetime(2026, 9, 30, 6, 0, tzinfo=UTC)
OFFICE = (Span(timedelta(hours=8.5), timedelta(hours=12)), Span(timedelta(hours=14), timedelta(hours=17.5)))
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())
WORKING = WorkingTime(ZoneInfo("Asia/Shanghai"), WEEK, OFFICE, ChinaDays(), frozenset({date(2026, 10, 9)}))
BEGINS = frozenset({"created", "reopen"})
TRIAGE = ClockSpec("triage", BEGINS, frozenset({"accept", "assign"}), timedelta(hours=2), WORKING, 0.75)
SOLVE = ClockSpec(
    "solve", BEGINS, frozenset({"resolve"}), timedelta(hours=21), WORKING, 0.5,
    pauses_on=frozenset({"note"}), resumes_on=frozenset({"open_original"}),
)  # fmt: skip
REVISIT = ClockSpec("revisit", BEGINS, frozenset({"close", "reopen"}), timedelta(days=5), warn_share=0.8)
USUAL = ClockRules((TRIAGE, SOLVE, REVISIT), "usual")
STRICTER = ClockRules((TRIAGE, replace(SOLVE, limit=timedelta(hours=3))), "stricter")
crashes = st.sampled_from([False, False, True])


class ClockMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.db = CrashingDatabase("sqlite://")
        METADATA.create_all(self.db.engine)
        self.scene = Scene(self.db, FixedClock(BEFORE_THE_HOLIDAYS), replace(POLICY, clocks=USUAL))

    @initialize()
    def a_ticket_comes(self) -> None:
        self.scene.add_pair("ann", "bob")
        self.scene.come("ann")
        self.ticket_id = self.scene.open()

    @property
    def tickets(self) -> TicketService:
        return self.scene.tickets

    def attempt(self, step: Callable[[], object], crash: bool = False) -> None:
        """The step may be refused, or its process may die in it."""
        self.db.crash_next = crash
        try:
            step()
        except (HotlineError, Crashed):
            pass
        finally:
            self.db.crash_next = False

    @rule(hours=st.sampled_from([0.1, 1, 3, 24, 100, -0.5]))
    def time_passes(self, hours: float) -> None:
        self.scene.wait(hours * 3600, seen=("ann",))

    @rule(action=st.sampled_from([ACCEPT, NOTE, RESOLVE]), crash=crashes)
    def ann_acts(self, action: TicketAction, crash: bool) -> None:
        self.attempt(lambda: self.tickets.act(self.ticket_id, action, Actor("ann", True), "文字"), crash=crash)

    @rule(crash=crashes)
    def ann_resumes(self, crash: bool) -> None:
        resume = TicketAction.OPEN_ORIGINAL
        self.attempt(lambda: self.tickets.record(self.ticket_id, resume, Actor("ann", True), "继续"), crash=crash)

    @rule(is_content=st.booleans(), crash=crashes)
    def the_citizen_is_asked(self, is_content: bool, crash: bool) -> None:
        round_no = self.tickets.ticket(self.ticket_id).round
        conclude = self.tickets.close if is_content else self.tickets.reopen
        self.attempt(lambda: self.tickets.start_revisit(self.ticket_id, round_no))
        self.attempt(lambda: conclude(self.ticket_id, round_no, "rated"), crash=crash)

    @rule(rules=st.sampled_from([USUAL, STRICTER]), crash=crashes)
    def the_hotline_starts_again(self, rules: ClockRules, crash: bool) -> None:
        self.scene.tickets = TicketService(self.db, self.scene.clock, replace(POLICY, clocks=rules))
        self.attempt(self.tickets.clocks.follow_rules, crash=crash)
        self.tickets.clocks.follow_rules()

    @rule(crash=crashes)
    def a_scheduler_ticks(self, crash: bool) -> None:
        self.attempt(self.tickets.clocks.tick, crash=crash)
        self.tickets.clocks.tick()
        assert self.tickets.clocks.tick() == 0
        now = self.scene.clock.now()
        for clock in self.scene.clocks(self.ticket_id):
            assert clock.breached_at == (clock.due_at if clock.is_late(now) else clock.breached_at)
            assert clock.look_at is None or clock.look_at >= now

    @invariant()
    def rows_agree_with_the_timeline(self) -> None:
        assert list(self.tickets.clocks.mismatches()) == []

    @invariant()
    def nothing_is_noted_twice(self) -> None:
        noted = [
            (row.action, *sorted((key, str(value)) for key, value in row.details.items()))
            for row in self.scene.rows(self.ticket_id)
            if row.action in ("warned", "breached")
        ]
        assert len(noted) == len(set(noted))

    @invariant()
    def what_is_over_does_not_run(self) -> None:
        ticket = self.tickets.ticket(self.ticket_id)
        for clock in self.scene.clocks(self.ticket_id):
            if clock.round < ticket.round or ticket.status is TicketStatus.CLOSED:
                assert clock.stopped_at is not None

    def teardown(self) -> None:
        self.db.dispose()


TestClockMachine = ClockMachine.TestCase
TestClockMachine.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
