"""The scheduler's look at the clocks of many open tickets: with nothing to note, with much, and under new rules."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.bench.figures import Aim, Figure, percentile
from app.schema import METADATA
from kit.clock import FixedClock
from kit.db import Database
from kit.ids import new_id
from ticketing.clock_service import ClockService
from ticketing.domain.assignment import HolderKind
from ticketing.domain.clocks import ClockRules, ClockSpec, Happened, clocks_of
from ticketing.domain.lifecycle import TicketAction, TicketStatus, TimelineFact
from ticketing.domain.ticket import TextSource
from ticketing.duty_models import Desk
from ticketing.models import Ticket, TicketClock, TicketEvent
from ticketing.timeline import Timeline

FEW, MANY = 10_000, 100_000
_BEGAN_AT = datetime(2026, 3, 2, tzinfo=UTC)
_APART = timedelta(milliseconds=100)
_LOOKS = 50
_BATCH = 5_000
_LIMIT = timedelta(days=3)
_STARTS, _STOPS = frozenset({TimelineFact.CREATED}), frozenset({TicketAction.RESOLVE})
_RULES = ClockRules(
    (ClockSpec("answer", _STARTS, _STOPS, _LIMIT), ClockSpec("solve", _STARTS, _STOPS, 2 * _LIMIT, warn_share=0.75)),
    "bench",
)


def measure_clock_tick(folder: Path, *, few: int = FEW, many: int = MANY) -> list[Figure]:
    """On SQLite, in a database of its own."""
    hall = _Hall(f"sqlite:///{folder / 'clock_tick.sqlite3'}")
    hall.fill_to(few)
    small_ms = hall.idle_p95_ms()
    hall.fill_to(many)
    large_ms = hall.idle_p95_ms()
    noted_per_s = hall.notes_per_s()
    followed_per_s = hall.rules_followed_per_s()
    hall.db.dispose()
    tick, growth = f"tick with nothing to note, {many:,} open tickets", round(large_ms / small_ms, 2)
    return [
        Figure("clock_tick_p95_ms", f"{tick}, p95", large_ms, "ms", Aim.below(100)),
        Figure("clock_tick_growth", f"the same, against {few:,}", growth, "", Aim.below(2)),
        Figure("clock_notes_per_s", "breaches noted, one transaction each", noted_per_s, "1/s"),
        Figure("clock_rules_followed_per_s", "open tickets brought in line with new rules", followed_per_s, "1/s"),
    ]


class _Hall:
    """A database full of open tickets, one opened every tenth of a second."""

    def __init__(self, url: str) -> None:
        self.db = Database(url)
        METADATA.create_all(self.db.engine)
        self._clock = FixedClock(_BEGAN_AT)
        self._desk_id = new_id()
        with self.db.transaction() as tx:
            tx.session.add(Desk(id=self._desk_id, name="受理席组", is_intake=True))
        self._size = 0

    def fill_to(self, size: int) -> None:
        for begin in range(self._size, size, _BATCH):
            self._add(range(begin, min(begin + _BATCH, size)))
        self._size = size

    def idle_p95_ms(self) -> float:
        clocks = self._clocks(_RULES)
        return round(percentile([_took_s(clocks.tick) * 1000 for _ in range(_LOOKS)], 0.95), 2)

    def notes_per_s(self) -> float:
        """The first tickets have become due."""
        self._clock = FixedClock(_BEGAN_AT + _LIMIT + 200 * _APART)
        return self._rate(self._clocks(_RULES).tick)

    def rules_followed_per_s(self) -> float:
        answer, solve = _RULES.specs
        stricter = ClockRules((answer, replace(solve, limit=_LIMIT)), "stricter")
        return self._rate(self._clocks(stricter).follow_rules)

    def _rate(self, work: Callable[[], int]) -> float:
        began = time.perf_counter()
        done = work()
        return round(done / (time.perf_counter() - began), 1)

    def _clocks(self, rules: ClockRules) -> ClockService:
        return ClockService(self.db, self._clock, rules, Timeline(rules))

    def _add(self, numbers: range) -> None:
        tickets, events, clocks = [], [], []
        for number in numbers:
            ticket_id, at = new_id(), _BEGAN_AT + number * _APART
            tickets.append(
                {
                    "id": ticket_id, "number": f"bench-{number}", "status": TicketStatus.NEW, "caller": "anonymous",
                    "text": "路灯坏了", "text_source": TextSource.TRANSCRIPT, "desk_id": self._desk_id, "round": 1,
                    "holder_kind": HolderKind.SUPERVISOR_QUEUE, "offer_no": 0, "created_at": at, "updated_at": at,
                    "clocks_version": _RULES.version,
                }
            )  # fmt: skip
            begin = {"action": TimelineFact.CREATED, "to_status": TicketStatus.NEW, "details": {}}
            events.append({"ticket_id": ticket_id, "at": at} | begin)
            computed = clocks_of([Happened(at, TimelineFact.CREATED, {})], _RULES)
            clocks += [{"id": new_id(), "ticket_id": ticket_id} | asdict(clock) for clock in computed]
        with self.db.transaction() as tx:
            tx.session.bulk_insert_mappings(Ticket.__mapper__, tickets)
            tx.session.bulk_insert_mappings(TicketEvent.__mapper__, events)
            tx.session.bulk_insert_mappings(TicketClock.__mapper__, clocks)


def _took_s(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
