"""Brings the call log up to what other telephone systems said of a call; any step of it may be repeated."""

from intake.call_event_service import CallEventService
from intake.domain.upload import WITHHELD
from ivr.outside_call_service import OutsideCall, OutsideCallService


class Following:
    def __init__(self, call_events: CallEventService, outside_calls: OutsideCallService) -> None:
        self._call_events = call_events
        self._outside_calls = outside_calls

    def follow(self, call_id: str) -> None:
        heard = self._call_events.call(call_id)
        picture = heard.picture
        self._outside_calls.write_down(
            OutsideCall(
                call_id=call_id,
                source=heard.client_name,
                heard_events=heard.event_count,
                is_outbound=picture.is_outbound,
                caller=picture.caller or WITHHELD,
                line=heard.line,
                started_at=picture.started_at,
                is_answered=picture.is_answered,
                answered_at=picture.answered_at,
                ended_at=picture.ended_at,
                has_message=picture.has_message,
                agents=picture.agents,
                cause=picture.cause,
                unknown=picture.unknown,
            )
        )
        self._call_events.mark_followed(call_id, heard.event_count)
