"""Puts calls of other telephone systems into the same books as our own, each time more is known of them."""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from ivr import repository
from ivr.domain.call import CallDirection, CallOutcome, CallStatus, outcome_outside
from ivr.domain.call_record import printable
from ivr.domain.events import CallEnded, CallFoundServed, CallMissed, OutsideCallChanged
from ivr.models import Call
from kit.db import Database, Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """All that is known by now, from so many events of `source`."""

    call_id: str
    source: str
    heard_events: int
    is_outbound: bool
    caller: str = field(repr=False)
    line: str
    started_at: datetime
    is_answered: bool
    answered_at: datetime | None
    ended_at: datetime | None
    has_message: bool
    agents: tuple[str, ...]
    cause: str
    unknown: tuple[str, ...]

    @property
    def status(self) -> CallStatus:
        if self.ended_at is not None:
            return CallStatus.ENDED
        return CallStatus.ANSWERED if self.is_answered else CallStatus.RINGING

    @property
    def outcome(self) -> CallOutcome | None:
        """None while it is going on."""
        if self.ended_at is None:
            return None
        return outcome_outside(is_outbound=self.is_outbound, is_answered=self.is_answered, has_message=self.has_message)


class OutsideCallService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def write_down(self, heard: OutsideCall) -> None:
        """Repeatable, in any order: what is made of fewer events than the books know changes nothing."""
        with self._db.transaction() as tx:
            tx.take_turns(f"ivr.outside_call {heard.call_id}")
            row = repository.call_by_id(tx.session, heard.call_id)
            if row is not None and row.heard_events >= heard.heard_events:
                return
            was_over, outcome_before = (row.status is CallStatus.ENDED, row.outcome) if row else (False, None)
            if row is None:
                row = Call(id=heard.call_id, telephony_id=heard.source, digits=[], voice_answers=[], emergency_words=[])
                tx.session.add(row)
            _fill(row, heard)
            _tell(tx, heard, was_over=was_over, before=outcome_before)
        log.info("ivr.outside_call.written", call_id=heard.call_id, status=heard.status, outcome=heard.outcome)


def _fill(row: Call, heard: OutsideCall) -> None:
    row.direction = CallDirection.OUTBOUND if heard.is_outbound else CallDirection.INBOUND
    row.line = printable(heard.line)
    row.caller = printable(heard.caller)
    row.status, row.outcome = heard.status, heard.outcome
    row.started_at, row.answered_at, row.ended_at = heard.started_at, heard.answered_at, heard.ended_at
    row.cause = printable(heard.cause) or None
    row.source = heard.source
    row.heard_events = heard.heard_events
    row.agents = list(heard.agents)
    row.unknown = list(heard.unknown)


def _tell(tx: Transaction, heard: OutsideCall, *, was_over: bool, before: CallOutcome | None) -> None:
    tx.raise_event(OutsideCallChanged(heard.call_id))
    if heard.status is CallStatus.ENDED and not was_over:
        tx.raise_event(CallEnded(heard.call_id))
    if heard.outcome is CallOutcome.MISSED and before is not CallOutcome.MISSED:
        tx.raise_event(CallMissed(heard.call_id))
    if before is CallOutcome.MISSED and heard.outcome is not CallOutcome.MISSED:
        tx.raise_event(CallFoundServed(heard.call_id))
