"""Time limits 时限 of a ticket: which clocks run, from which fact to which, and when they are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ticketing.domain.lifecycle import TicketAction, TimelineFact
from ticketing.domain.policy import TicketPolicy


class ClockKind(StrEnum):
    ACCEPT = "accept"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """A clock runs from any timeline action of `starts_on` to the first of `stops_on`, once per round."""

    kind: ClockKind
    starts_on: frozenset[str]
    stops_on: frozenset[str]
    limit: timedelta

    def due(self, started_at: datetime) -> datetime:
        return started_at + self.limit


def ticket_clocks(policy: TicketPolicy) -> tuple[ClockSpec, ...]:
    begins = frozenset({TimelineFact.CREATED, TicketAction.REOPEN})
    return (
        ClockSpec(
            ClockKind.ACCEPT,
            begins,
            frozenset({TicketAction.ACCEPT, TicketAction.ASSIGN}),
            timedelta(seconds=policy.accept_limit_s),
        ),
        ClockSpec(
            ClockKind.ANSWER, begins, frozenset({TicketAction.RESOLVE}), timedelta(seconds=policy.answer_limit_s)
        ),
    )


def started_by(specs: Sequence[ClockSpec], action: str) -> list[ClockSpec]:
    return [spec for spec in specs if action in spec.starts_on]


def stopped_by(specs: Sequence[ClockSpec], action: str) -> list[ClockKind]:
    return [spec.kind for spec in specs if action in spec.stops_on]


def is_breached(due_at: datetime, stopped_at: datetime | None, now: datetime) -> bool:
    """Past its point; the very instant it is due still counts as in time."""
    return (stopped_at or now) > due_at
