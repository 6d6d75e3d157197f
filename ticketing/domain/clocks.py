"""Time limits 时限 of a ticket: from its timeline alone, which clocks ran, were paused, are due and were too late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ticketing.domain.lifecycle import TicketAction, TimelineFact
from ticketing.domain.working_time import Measure, WallTime

_ENDS_ROUND = frozenset({TicketAction.CLOSE, TicketAction.REOPEN})
"""Whatever still runs in that round stops with it."""

GRAB = "grab"
"""The clock that decides how long a ticket is open for grabbing: the rules must have it."""

CATEGORY_SLOTS = frozenset({"category", "subcategory"})
"""The decisions by which limits may differ; their rows tell the value: `water`, `water.outage`."""


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """A clock runs from a timeline action of `starts_on` to the first of `stops_on`, once per round.

    Between one of `pauses_on` and the next of `resumes_on` its time does not count. Limits are of the
    clock's own time.
    """

    kind: str
    starts_on: frozenset[str]
    stops_on: frozenset[str]
    limit: timedelta
    measure: Measure = field(default_factory=WallTime)
    warn_share: float | None = None
    """So much of the limit has passed: a warning. None: no warning."""
    pauses_on: frozenset[str] = frozenset()
    resumes_on: frozenset[str] = frozenset()
    limit_of_category: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def touched_by(self) -> frozenset[str]:
        return self.starts_on | self.stops_on | self.pauses_on | self.resumes_on


@dataclass(frozen=True, slots=True)
class ClockRules:
    """The clocks in force. `version` differs whenever a ticket's clocks might."""

    specs: tuple[ClockSpec, ...]
    version: str

    def due_of(self, kind: str, start: datetime) -> datetime:
        """When a clock of this kind that starts now is due, whatever the category; one that pauses is due later."""
        spec = next(spec for spec in self.specs if spec.kind == kind)
        return spec.measure.add(start, spec.limit)

    def touched_by(self, action: str) -> bool:
        """Whether a timeline row of this action may change a clock."""
        return action in _ALWAYS_TOUCH or any(action in spec.touched_by for spec in self.specs)


_NOTES = frozenset({TimelineFact.WARNED, TimelineFact.BREACHED})
"""What clocks themselves leave in the timeline, at whatever time it was noticed."""
_ALWAYS_TOUCH = _ENDS_ROUND | _NOTES | {TicketAction.DECIDE_SLOT}


@dataclass(frozen=True, slots=True)
class Happened:
    """What of a timeline row matters to clocks."""

    at: datetime
    action: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """A clock of one round.

    `breached_at` is its due time, once the timeline has it as breached: when it was noticed does not count;
    the same of `warned_at` and `warn_at`. `paused_s`: of its own time, pauses that are over.
    `look_at`: the next instant after which something is to be noted of it; None: nothing any more.
    """

    kind: str
    round: int
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    paused_at: datetime | None
    paused_s: float
    stopped_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    look_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Past its point; the very instant it is due still counts as in time. A pause begun in time holds it."""
        if self.stopped_at is None and self.paused_at is not None:
            return self.paused_at > self.due_at
        return (self.stopped_at or now) > self.due_at

    def is_worth_warning(self, now: datetime) -> bool:
        """The warning is due; once the limit itself has passed there is nothing left to warn of."""
        return self.warn_at is not None and self.warn_at < now <= self.due_at

    def noted(self, fact: TimelineFact) -> dict[str, Any]:
        """Details of the timeline row that notes its warning or breach. Of another due time it would be another."""
        details = {"clock": self.kind, "of_round": self.round, "due_at": self.due_at.isoformat()}
        if fact is TimelineFact.WARNED and self.warn_at is not None:
            details["warn_at"] = self.warn_at.isoformat()
        return details


def clocks_of(events: Sequence[Happened], rules: ClockRules) -> list[ClockFacts]:
    """Every clock of a ticket from its timeline (in order), by round and then in the order of the rules.

    A machine whose clock was set back wrote rows that seem to go back in time: each counts as no earlier
    than the one before it.
    """
    category = _category(events)
    clocks: list[_Running] = []
    round_no, now = 1, None
    for event in events:
        if event.action in _NOTES:
            continue
        now = event.at if now is None else max(now, event.at)
        for clock in clocks:
            if clock.round == round_no:
                clock.live_through(event.action, now)
        if event.action == TicketAction.REOPEN:
            round_no += 1
        running = {clock.spec.kind for clock in clocks if clock.round == round_no}
        clocks += [
            _Running(spec, round_no, now, _limit(spec, category))
            for spec in rules.specs
            if event.action in spec.starts_on and spec.kind not in running
        ]
    return [clock.facts(events) for clock in clocks]


def _limit(spec: ClockSpec, decided: str) -> timedelta:
    """Of the subcategory, else of its category, else the usual one."""
    category = decided.partition(".")[0]
    return spec.limit_of_category.get(decided, spec.limit_of_category.get(category, spec.limit))


def _category(events: Sequence[Happened]) -> str:
    """What a person decided last: a machine's guess shortens nobody's time."""
    decided = [
        str(event.details.get("value", ""))
        for event in events
        if event.action == TicketAction.DECIDE_SLOT and event.details.get("slot") in CATEGORY_SLOTS
    ]
    return decided[-1] if decided else ""


@dataclass(slots=True)
class _Running:
    spec: ClockSpec
    round: int
    started_at: datetime
    limit: timedelta
    paused_at: datetime | None = None
    paused: timedelta = timedelta()
    stopped_at: datetime | None = None
    pauses: list[tuple[datetime, timedelta]] = field(default_factory=list)
    """When each pause that is over began, and how much of the clock's time it took."""

    def live_through(self, action: str, now: datetime) -> None:
        if self.stopped_at is not None:
            return
        is_over = action in self.spec.stops_on or action in _ENDS_ROUND
        if self.paused_at is not None and (is_over or action in self.spec.resumes_on):
            self.pauses.append((self.paused_at, self.spec.measure.between(self.paused_at, now)))
            self.paused_at = None
        if is_over:
            self.stopped_at = now
        elif action in self.spec.pauses_on and self.paused_at is None:
            self.paused_at = now

    def facts(self, events: Sequence[Happened]) -> ClockFacts:
        share = self.spec.warn_share
        clock = ClockFacts(
            kind=self.spec.kind,
            round=self.round,
            started_at=self.started_at,
            due_at=self._reached_at(self.limit),
            warn_at=self._reached_at(self.limit * share) if share is not None else None,
            paused_at=self.paused_at,
            paused_s=sum((length for _, length in self.pauses), timedelta()).total_seconds(),
            stopped_at=self.stopped_at,
            warned_at=None,
            breached_at=None,
            look_at=None,
        )
        is_warned, is_breached = (
            _is_noted(clock, fact, events) for fact in (TimelineFact.WARNED, TimelineFact.BREACHED)
        )
        return replace(
            clock,
            warned_at=clock.warn_at if is_warned else None,
            breached_at=clock.due_at if is_breached else None,
            look_at=self._look_at(clock, is_warned=is_warned, is_breached=is_breached),
        )

    def _reached_at(self, amount: timedelta) -> datetime:
        """When so much of its time had passed; a pause begun after that moves it no more."""
        reached = self.spec.measure.add(self.started_at, amount)
        for began_at, length in self.pauses:
            if began_at >= reached:
                break
            amount += length
            reached = self.spec.measure.add(self.started_at, amount)
        return reached

    def _look_at(self, clock: ClockFacts, *, is_warned: bool, is_breached: bool) -> datetime | None:
        if is_breached:
            return None
        if clock.stopped_at is not None or clock.paused_at is not None:
            return clock.due_at if clock.is_late(clock.started_at) else None
        return clock.due_at if is_warned or clock.warn_at is None else clock.warn_at


def _is_noted(clock: ClockFacts, fact: TimelineFact, events: Sequence[Happened]) -> bool:
    details = clock.noted(fact).items()
    return any(event.action == fact and details <= event.details.items() for event in events)
