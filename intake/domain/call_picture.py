"""What a call looks like, from what was said of it: a pure function of the set of its events.

The order in which they arrive, and how often each one does, changes nothing. What nobody said is named.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from intake.domain.call_event import CallEvent, CallEventKind, CallWay, RecordingOf

_ORDER = list(CallEventKind)
_SAYS_NOTHING_OF_WHEN = (CallEventKind.RECORDING_READY, CallEventKind.SETTLED)
_NEVER_ENDED = "silent"
"""Cause of a call that was settled."""


@dataclass(frozen=True, slots=True)
class CallPicture:
    """`answered_at` and `ended_at` may be None although it was answered or is over: then `unknown` names them."""

    is_outbound: bool
    caller: str = field(repr=False)
    line: str
    started_at: datetime
    is_answered: bool
    answered_at: datetime | None
    ended_at: datetime | None
    """None: as far as we were told, it is still going on."""
    has_message: bool
    """A message was left that becomes a ticket."""
    agents: tuple[str, ...]
    """Who spoke with the caller, in order."""
    cause: str
    unknown: tuple[str, ...]


def picture_of(events: Iterable[CallEvent]) -> CallPicture:
    """At least one event, all of one call.

    A call that anybody answered was not missed, whatever `missed` says: that was one of several phones.
    """
    told = sorted({event.external_id: event for event in events}.values(), key=_place)
    of_kind = {kind: [event for event in told if event.kind is kind] for kind in CallEventKind}
    recordings = of_kind[CallEventKind.RECORDING_READY]
    answers = of_kind[CallEventKind.ANSWERED]
    has_talk = any(event.recording_of is RecordingOf.TALK for event in recordings)
    is_answered = bool(answers or of_kind[CallEventKind.TRANSFERRED]) or has_talk
    ends = of_kind[CallEventKind.HUNG_UP] + ([] if is_answered else of_kind[CallEventKind.MISSED])
    is_over = (
        bool(ends or of_kind[CallEventKind.SETTLED])
        or any(event.recording_of is RecordingOf.MESSAGE for event in recordings)  # nobody says more after the beep
    )
    timed = [event.at for event in told if event.kind not in _SAYS_NOTHING_OF_WHEN] or [event.at for event in told]
    answered_at = answers[0].at if answers else None
    caller = _first_said(told, lambda event: event.caller)
    lacking = {
        "caller": not caller,
        "started_at": not of_kind[CallEventKind.RINGING],
        "answered_at": is_answered and answered_at is None,
        "ended_at": is_over and not ends,
    }
    return CallPicture(
        is_outbound=any(event.way is CallWay.OUTBOUND for event in told),
        caller=caller,
        line=_first_said(told, lambda event: event.line),
        started_at=timed[0],
        is_answered=is_answered,
        answered_at=answered_at,
        ended_at=max(timed) if is_over else None,
        has_message=any(event.recording_of is RecordingOf.MESSAGE and event.is_ticket_wanted for event in recordings),
        agents=_agents(told),
        cause=_cause(ends, is_settled=bool(of_kind[CallEventKind.SETTLED])),
        unknown=tuple(name for name, is_lacking in lacking.items() if is_lacking),
    )


def _place(event: CallEvent) -> tuple[datetime, int, str]:
    return event.at, _ORDER.index(event.kind), event.external_id


def _first_said(told: list[CallEvent], what: Callable[[CallEvent], str]) -> str:
    return next((what(event) for event in told if what(event)), "")


def _agents(told: list[CallEvent]) -> tuple[str, ...]:
    spoke = [
        event.target if event.kind is CallEventKind.TRANSFERRED else event.agent
        for event in told
        if event.kind in (CallEventKind.ANSWERED, CallEventKind.TRANSFERRED)
    ]
    return tuple(dict.fromkeys(agent for agent in spoke if agent))


def _cause(ends: list[CallEvent], *, is_settled: bool) -> str:
    said = [event.cause for event in ends if event.cause]
    return said[-1] if said else _NEVER_ENDED if is_settled and not ends else ""
