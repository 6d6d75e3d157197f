"""What other telephone systems said: calls whose news the call log lacks, calls that fell silent, states of agents."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callbacks.domain.lifecycle import CallbackKind, CallbackStatus
from callbacks.models import CallbackTask
from intake.domain.call_event import CallEventKind
from intake.models import IntakeClient, OutsideCall, OutsideEvent
from ivr.domain.call import CallOutcome
from ivr.models import Call

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class OutsideAgent:
    """An agent of another telephone system, as that system said last. His presence in our console is another thing."""

    source: str
    agent: str
    state: str
    since_at: datetime


def calls_behind(session: Session, before: datetime) -> list[str]:
    """Ids of calls of which more was said than the call log knows."""
    query = (
        select(OutsideCall.id)
        .where(OutsideCall.followed_count < OutsideCall.event_count, OutsideCall.heard_at < before)
        .order_by(OutsideCall.heard_at)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def silent_calls(session: Session, before: datetime, *, silent_for: timedelta) -> list[str]:
    """Ids of calls that are still going on, as far as we were told, and of which nothing was heard for so long."""
    query = (
        select(OutsideCall.id)
        .where(~OutsideCall.is_over, OutsideCall.heard_at < before - silent_for)
        .order_by(OutsideCall.heard_at)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def served_calls_with_task(session: Session, before: datetime) -> list[str]:
    """Ids of calls of other telephone systems that wait to be called back as missed, and were not."""
    query = (
        select(Call.id)
        .join(CallbackTask, CallbackTask.call_id == Call.id)
        .where(CallbackTask.kind == CallbackKind.MISSED_CALL, CallbackTask.status == CallbackStatus.WITH_PERSON)
        .where(Call.source.is_not(None), Call.outcome.is_distinct_from(CallOutcome.MISSED))
        .where(CallbackTask.created_at < before)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def outside_agents(session: Session, since: datetime) -> list[OutsideAgent]:
    """The last state of each agent of whom anything was said since then. Of two at one instant, one is taken."""
    place = func.row_number().over(
        partition_by=(OutsideEvent.client_id, OutsideEvent.agent),
        order_by=(OutsideEvent.at.desc(), OutsideEvent.external_id.desc()),
    )
    said = (
        select(OutsideEvent.client_id, OutsideEvent.agent, OutsideEvent.state, OutsideEvent.at, place.label("place"))
        .where(OutsideEvent.kind == CallEventKind.AGENT_STATE, OutsideEvent.at >= since)
        .subquery()
    )
    query = (
        select(IntakeClient.name, said.c.agent, said.c.state, said.c.at)
        .join(said, said.c.client_id == IntakeClient.id)
        .where(said.c.place == 1, IntakeClient.is_active)
        .order_by(IntakeClient.name, said.c.agent)
    )
    return [OutsideAgent(*row) for row in session.execute(query)]
