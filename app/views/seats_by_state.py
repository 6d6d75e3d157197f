"""How the people on duty are just now: the seats by state, for the wallboard."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ticketing.domain.duty_roster import PresenceState
from ticketing.duty_models import DutyShift, Presence


class SeatState(StrEnum):
    FREE = "free"
    RINGING = "ringing"
    TALKING = "talking"
    WRAPPING_UP = "wrapping_up"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class SeatsByState:
    """People on duty as A or B of a seat, each counted once."""

    free: int
    ringing: int
    talking: int
    wrapping_up: int
    away: int
    offline: int


def seats_by_state(session: Session, now: datetime, grace_s: float, engaged: Mapping[str, SeatState]) -> SeatsByState:
    """`engaged`: by person, what he does with a call; who is not in it is what his presence says."""
    running = select(DutyShift.a_person_id, DutyShift.b_person_id).where(
        DutyShift.starts_at <= now, or_(DutyShift.ends_at.is_(None), DutyShift.ends_at > now)
    )
    on_duty = {person_id for pair in session.execute(running) for person_id in pair}
    rows = session.scalars(select(Presence).where(Presence.person_id.in_(on_duty)))
    presences = {row.person_id: _present(row, now - timedelta(seconds=grace_s)) for row in rows}
    states = Counter(engaged.get(each) or presences.get(each, SeatState.OFFLINE) for each in on_duty)
    return SeatsByState(**{state.value: states[state] for state in SeatState})


def _present(row: Presence, silent_since: datetime) -> SeatState:
    if row.state is PresenceState.OFFLINE or row.seen_at <= silent_since:
        return SeatState.OFFLINE
    return SeatState.FREE if row.state is PresenceState.AVAILABLE else SeatState.AWAY
