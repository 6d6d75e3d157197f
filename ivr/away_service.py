"""Calls that the telephone system took by itself while the hotline was away come into the books, each once."""

import hashlib

import structlog

from ivr.domain.call import CallDirection, HangupBy
from ivr.domain.call_record import CallRecord, CallStart
from ivr.domain.menu import Wish
from ivr.line_ports import AwayCall, AwayCalls
from ivr.service import IvrService
from kit.clock import Clock
from kit.phone_number import normalise

log = structlog.get_logger(__name__)

_CAUSE = "taken_while_away"


class AwayService:
    """Synchronous; the scheduler calls it. May be killed at any line and repeated."""

    def __init__(self, ivr: IvrService, calls: AwayCalls, clock: Clock, telephony_id: str) -> None:
        self._ivr = ivr
        self._calls = calls
        self._clock = clock
        self._telephony_id = telephony_id

    def take_in(self) -> int:
        """File what waits; returns how many calls. Those that the books refuse now wait for the next time."""
        taken = 0
        for call in self._calls.waiting(self._clock.now()):
            try:
                self._ivr.file_foreign_call(_record_of(call, self._telephony_id), call.sound)
            except FileNotFoundError:
                log.warning("ivr.away_call.gone", name=call.name)  # another process was faster
                continue
            self._calls.forget(call.name)
            taken += 1
            log.info("ivr.away_call.taken_in", name=call.name, is_complete=call.is_complete)
        return taken


def _record_of(call: AwayCall, telephony_id: str) -> CallRecord:
    has_begun = call.recording_started_at is not None
    return CallRecord(
        start=CallStart(
            # derived, so that taking it in again is filing the same call
            call_id=hashlib.sha256(f"away {call.name} {call.started_at.isoformat()}".encode()).hexdigest()[:32],
            direction=CallDirection.INBOUND,
            line=call.line,
            caller=normalise(call.caller),
            started_at=call.started_at,
        ),
        telephony_id=telephony_id,
        answered_at=call.started_at,
        wish=Wish.MESSAGE if has_begun else None,
        recording_started_at=call.recording_started_at,
        recording_ended_at=call.ended_at if has_begun else None,
        is_recording_failed=has_begun and call.sound is None,  # the caller was told so, and that we call back
        ended_at=call.ended_at,
        hangup_by=HangupBy.CALLER if call.is_complete else HangupBy.NETWORK,
        cause=_CAUSE,
    )
