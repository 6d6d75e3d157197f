"""The clocks of all tickets: the tick, new rules and what they would change, and whether rows and timelines agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kit.clock import Clock
from kit.db import Database
from ticketing import clock_repository, repository
from ticketing.domain.clocks import ClockFacts, ClockRules, clocks_of
from ticketing.domain.errors import TicketMovedOn
from ticketing.domain.lifecycle import TimelineFact
from ticketing.timeline import Timeline

_BATCH = 200
_MOST_A_TICK = 500
"""The other steps of the scheduler have their turn too; what is left comes with the next tick."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """What other rules would make of a clock. None: there is no such clock before, or after."""

    number: str
    kind: str
    round: int
    before: ClockFacts | None
    after: ClockFacts | None
    was_late: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class ClockMismatch:
    """A ticket whose rows are not what its timeline says."""

    ticket_id: str
    kept: tuple[ClockFacts, ...]
    computed: tuple[ClockFacts, ...]


class ClockService:
    def __init__(self, db: Database, clock: Clock, rules: ClockRules, timeline: Timeline) -> None:
        self._db = db
        self._clock = clock
        self._rules = rules
        self._timeline = timeline

    def tick(self) -> int:
        """Note the warnings and breaches that have come. How many; at most some hundred tickets at once."""
        now = self._clock.now()
        with self._db.reading() as session:
            found = clock_repository.to_look_at(session, now, _MOST_A_TICK)
        return sum(self._look_at(ticket_id, now) for ticket_id in found)

    def follow_rules(self) -> int:
        """Open tickets whose clocks other rules made have them computed anew. How many, at most a batch.

        Repeatable and interruptible: each ticket is a step of its own and is found until it is done.
        """
        with self._db.reading() as session:
            found = clock_repository.open_tickets_of_other_version(session, self._rules.version, _BATCH)
        for ticket_id in found:
            with self._db.transaction() as tx:
                repository.ticket(tx.session, ticket_id, hold=True)
                self._timeline.follow(tx, ticket_id)
        return len(found)

    def preview(self, rules: ClockRules) -> Iterator[ClockChange]:
        """What these rules would change for the open tickets, as of now. Writes nothing."""
        now, last = self._clock.now(), ""
        while True:
            with self._db.reading() as session:
                batch = clock_repository.open_tickets_after(session, last, _BATCH)
                ids = [ticket_id for ticket_id, _ in batch]
                kept, events = clock_repository.clocks(session, ids), clock_repository.timelines(session, ids)
            for ticket_id, number in batch:
                yield from _changes(number, kept[ticket_id], clocks_of(events[ticket_id], rules), now)
            if len(batch) < _BATCH:
                return
            last = ids[-1]

    def mismatches(self) -> Iterator[ClockMismatch]:
        """Every ticket whose rows differ from what its timeline says: none, ever.

        A ticket that was closed under other rules keeps the clocks it had then and is passed over; an open
        one that does not follow the rules in force yet counts as different where they matter.
        """
        last = ""
        while True:
            with self._db.reading() as session:
                batch = clock_repository.tickets_after(session, last, _BATCH)
                ids = [ticket_id for ticket_id, _, _ in batch]
                kept, events = clock_repository.clocks(session, ids), clock_repository.timelines(session, ids)
            for ticket_id, is_open, version in batch:
                if not is_open and version != self._rules.version:
                    continue
                computed = clocks_of(events[ticket_id], self._rules)
                if _by_name(kept[ticket_id]) != _by_name(computed):
                    yield ClockMismatch(ticket_id, tuple(kept[ticket_id]), tuple(computed))
            if len(batch) < _BATCH:
                return
            last = ids[-1]

    def _look_at(self, ticket_id: str, now: datetime) -> int:
        noted = 0
        try:
            with self._db.transaction() as tx:
                ticket = repository.ticket(tx.session, ticket_id, hold=True)
                for clock in clock_repository.clocks(tx.session, [ticket_id])[ticket_id]:
                    fact = _to_note(clock, now)
                    if fact is not None:
                        noted += self._timeline.note(tx, ticket, clock, fact, now)
                if noted:
                    repository.change(tx.session, ticket, updated_at=now)
        except TicketMovedOn:
            return 0  # it moved this very moment; the next tick looks again
        return noted


def _to_note(clock: ClockFacts, now: datetime) -> TimelineFact | None:
    if clock.look_at is None or clock.look_at >= now:
        return None
    if clock.is_late(now):
        return TimelineFact.BREACHED
    return TimelineFact.WARNED if clock.is_worth_warning(now) and clock.warned_at is None else None


def _changes(number: str, kept: list[ClockFacts], computed: list[ClockFacts], now: datetime) -> Iterator[ClockChange]:
    before, after = _by_name(kept), _by_name(computed)
    for kind, round_no in sorted(before.keys() | after.keys(), key=lambda name: (name[1], name[0])):
        old, new = before.get((kind, round_no)), after.get((kind, round_no))
        was_late, is_late = old is not None and old.is_late(now), new is not None and new.is_late(now)
        if old is None or new is None or was_late != is_late or (old.due_at, old.warn_at) != (new.due_at, new.warn_at):
            yield ClockChange(number, kind, round_no, old, new, was_late, is_late)


def _by_name(clocks: list[ClockFacts]) -> dict[tuple[str, int], ClockFacts]:
    return {(clock.kind, clock.round): clock for clock in clocks}
