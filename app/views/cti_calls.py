"""Our own calls as other programs hear of them, and those that they were not told of."""

from datetime import datetime, timedelta

from sqlalchemy import Exists, and_, exists, or_, select
from sqlalchemy.orm import Session

from callbacks.models import CallbackAttempt
from intake.domain.cti import CtiCall, CtiEvent
from intake.models import CtiPush, CtiTarget
from ivr.domain.call import CallDirection
from ivr.models import Call
from people.models import Person

_AT_ONCE = 200
_LOOK_BACK = timedelta(days=1)
"""Older news of a call pops up on nobody's screen any more."""


def cti_call(session: Session, call_id: str) -> CtiCall | None:
    """None for a call of another telephone system: it is no news of ours."""
    query = (
        select(Call, Person.display_name, Person.login, CallbackAttempt.disposition)
        .outerjoin(Person, Person.id == Call.person_id)
        .outerjoin(CallbackAttempt, CallbackAttempt.call_id == Call.id)
        .where(Call.id == call_id, Call.source.is_(None))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    call, person, login, disposition = found
    return CtiCall(
        id=call.id,
        is_outbound=call.direction is CallDirection.OUTBOUND,
        citizen=call.caller,
        line=call.line,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        person=person,
        person_login=login,
        disposition=disposition,
    )


def calls_untold(session: Session, before: datetime) -> list[str]:
    """Ids of calls of ours of which some target was not planned to be told what has happened."""
    happened = {CtiEvent.NEW_CALL: Call.started_at, CtiEvent.ANSWER: Call.answered_at, CtiEvent.HANGUP: Call.ended_at}
    query = (
        select(Call.id)
        .distinct()
        .join(CtiTarget, and_(CtiTarget.is_active, CtiTarget.created_at <= Call.started_at))
        .where(Call.source.is_(None), Call.started_at >= before - _LOOK_BACK, Call.started_at < before)
        .where(or_(*(and_(at < before, ~_is_planned(event)) for event, at in happened.items())))
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def _is_planned(event: CtiEvent) -> Exists:
    return exists().where(CtiPush.target_id == CtiTarget.id, CtiPush.call_id == Call.id, CtiPush.event == event)
