"""Calls in the line of a desk, and their offers, in the database. Every write is fenced by what was seen."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ticketing import duty_repository
from ticketing.domain.assignment import Ladder, MissReason, OfferOutcome, OfferTo, Workload, by_fairness, hindrance
from ticketing.domain.errors import SeatCallMovedOn, SeatCallNotFound
from ticketing.domain.policy import TicketPolicy
from ticketing.domain.seat_call import (
    HOLDS_A_PERSON,
    IN_LINE,
    GivenOrder,
    SeatCallAction,
    SeatCallFacts,
    SeatCallStatus,
    SeatOffer,
    WrapUpCode,
    next_seat_call_status,
)
from ticketing.duty_models import Presence
from ticketing.seat_call_models import SeatCall, SeatCallOffer, SeatOrder, SeatWrapUp

_RECENT_TALKS = 20
_ON_THE_PHONE = IN_LINE | {SeatCallStatus.TALKING}
_COLUMNS = [
    SeatCall.id if name == "call_id" else getattr(SeatCall, name) for name in SeatCallFacts.__dataclass_fields__
]


def find(session: Session, call_id: str) -> SeatCallFacts | None:
    row = session.execute(select(*_COLUMNS).where(SeatCall.id == call_id)).one_or_none()
    return SeatCallFacts(*row) if row is not None else None


def seat_call(session: Session, call_id: str) -> SeatCallFacts:
    """Raises SeatCallNotFound."""
    found = find(session, call_id)
    if found is None:
        raise SeatCallNotFound
    return found


def move(session: Session, seen: SeatCallFacts, action: SeatCallAction, **values: Any) -> None:
    """Apply an action to the call as it was seen. Raises SeatCallMovedOn."""
    after = next_seat_call_status(seen.status, action)
    moved = session.execute(
        update(SeatCall)
        .where(SeatCall.id == seen.call_id, SeatCall.status == seen.status, SeatCall.offer_no == seen.offer_no)
        .values(status=after, **values)
        .returning(SeatCall.id)
    )
    if moved.first() is None:
        raise SeatCallMovedOn(f"it is no longer {seen.status}", status=seen.status)


def head_of_line(session: Session, desk_id: str, seen_since: datetime) -> SeatCallFacts | None:
    """The first call that waits and whose process lives."""
    query = _in_line(desk_id, seen_since).where(SeatCall.status == SeatCallStatus.WAITING)
    row = session.execute(query.limit(1)).one_or_none()
    return SeatCallFacts(*row) if row is not None else None


def ahead_of(session: Session, seen: SeatCallFacts, seen_since: datetime) -> int:
    query = select(func.count()).where(
        SeatCall.desk_id == seen.desk_id,
        SeatCall.status.in_(IN_LINE),
        SeatCall.seen_at >= seen_since,
        SeatCall.placed_at < seen.placed_at,
    )
    return session.scalar(query) or 0


def in_line(session: Session, desk_id: str, seen_since: datetime) -> int:
    """How many wait there whose process lives."""
    query = select(func.count()).where(
        SeatCall.desk_id == desk_id, SeatCall.status.in_(IN_LINE), SeatCall.seen_at >= seen_since
    )
    return session.scalar(query) or 0


def _in_line(desk_id: str, seen_since: datetime) -> Any:
    return (
        select(*_COLUMNS)
        .where(SeatCall.desk_id == desk_id, SeatCall.status.in_(IN_LINE), SeatCall.seen_at >= seen_since)
        .order_by(SeatCall.placed_at, SeatCall.id)
    )


def desks_with_a_line(session: Session, telephony_id: str) -> list[str]:
    """Desks for which a call of this process waits."""
    query = select(SeatCall.desk_id).where(
        SeatCall.telephony_id == telephony_id, SeatCall.status == SeatCallStatus.WAITING
    )
    return sorted(session.scalars(query.distinct()))


def lost_place_of(session: Session, caller: str, since: datetime) -> datetime | None:
    """Where he stood who hung up in the line after that instant."""
    return session.scalar(
        select(func.min(SeatCall.placed_at)).where(
            SeatCall.caller == caller, SeatCall.status == SeatCallStatus.ABANDONED, SeatCall.ended_at >= since
        )
    )


def silent_calls(session: Session, statuses: Collection[SeatCallStatus], seen_before: datetime) -> list[SeatCallFacts]:
    """Calls that live by the books, in a process that has given no sign since."""
    query = select(*_COLUMNS).where(SeatCall.status.in_(statuses), SeatCall.seen_at < seen_before)
    return [SeatCallFacts(*row) for row in session.execute(query)]


def live_calls_of(session: Session, telephony_id: str, joined_until: datetime) -> list[SeatCallFacts]:
    query = select(*_COLUMNS).where(SeatCall.telephony_id == telephony_id, SeatCall.status.in_(_ON_THE_PHONE))
    return [SeatCallFacts(*row) for row in session.execute(query.where(SeatCall.joined_at <= joined_until))]


def note_life(session: Session, call_ids: Collection[str], now: datetime) -> None:
    session.execute(
        update(SeatCall).where(SeatCall.id.in_(call_ids), SeatCall.status.in_(_ON_THE_PHONE)).values(seen_at=now)
    )


def call_of(session: Session, person_id: str) -> SeatCallFacts | None:
    """The call that rings at him, that he is in, or of which he was the last and still writes."""
    row = session.execute(
        select(*_COLUMNS).where(SeatCall.person_id == person_id, SeatCall.status.in_(HOLDS_A_PERSON)).limit(1)
    ).one_or_none()
    return SeatCallFacts(*row) if row is not None else None


def owe_wrap_up(session: Session, talked: SeatCallFacts, now: datetime) -> None:
    """His part of the call, as it was seen, is over: he has to write of it."""
    if talked.person_id is None or talked.talked_from is None:
        return
    session.add(
        SeatWrapUp(
            call_id=talked.call_id, offer_no=talked.offer_no, person_id=talked.person_id,
            talked_from=talked.talked_from, talked_until=now,
        )
    )  # fmt: skip


def write_up(session: Session, call_id: str, person_id: str, code: WrapUpCode, note: str, now: datetime) -> int | None:
    """The offer number of the part of the call that he wrote of, the earliest he owed; None: he owes nothing for it."""
    owed = (
        select(func.min(SeatWrapUp.offer_no))
        .where(SeatWrapUp.call_id == call_id, SeatWrapUp.person_id == person_id, SeatWrapUp.written_at.is_(None))
        .scalar_subquery()
    )
    return session.scalar(
        update(SeatWrapUp)
        .where(SeatWrapUp.call_id == call_id, SeatWrapUp.offer_no == owed, SeatWrapUp.written_at.is_(None))
        .values(code=code, note=note or None, written_at=now)
        .returning(SeatWrapUp.offer_no)
    )


def has_talked(session: Session, call_id: str, person_id: str) -> bool:
    """And does no longer."""
    return any(each.person_id == person_id for each in wrap_ups_of(session, call_id))


def wrap_ups_of(session: Session, call_id: str) -> Sequence[SeatWrapUp]:
    """Of everybody who talked, in their order."""
    return session.scalars(select(SeatWrapUp).where(SeatWrapUp.call_id == call_id).order_by(SeatWrapUp.offer_no)).all()


def owed_wrap_ups(session: Session, *people: str) -> Sequence[SeatWrapUp]:
    """What is to be written up, the oldest first; without names by anybody."""
    query = select(SeatWrapUp).where(SeatWrapUp.written_at.is_(None)).order_by(SeatWrapUp.talked_until)
    return session.scalars(query.where(SeatWrapUp.person_id.in_(people)) if people else query).all()


def recent_handling_s(session: Session, desk_id: str) -> list[float]:
    """Seconds of talk and wrap-up that the last calls took one person each."""
    rows = session.execute(
        select(SeatWrapUp.talked_from, SeatWrapUp.talked_until, SeatWrapUp.written_at)
        .join(SeatCall, SeatCall.id == SeatWrapUp.call_id)
        .where(SeatCall.desk_id == desk_id)
        .order_by(SeatWrapUp.talked_until.desc())
        .limit(_RECENT_TALKS)
    )
    return [((written or until) - begun).total_seconds() for begun, until, written in rows]


def set_state(session: Session, call_id: str, state: dict[str, Any]) -> None:
    session.execute(update(SeatCall).where(SeatCall.id == call_id).values(talk_state=state))


def orders_for(session: Session, telephony_id: str) -> list[GivenOrder]:
    """Orders for the talks of this process that are not known to have arrived, in the order they were given."""
    rows = session.execute(
        select(SeatOrder.id, SeatOrder.call_id, SeatOrder.kind, SeatOrder.target)
        .join(SeatCall, SeatCall.id == SeatOrder.call_id)
        .where(SeatOrder.taken_at.is_(None), SeatCall.telephony_id == telephony_id)
        .where(SeatCall.status == SeatCallStatus.TALKING)
        .order_by(SeatOrder.id)
    )
    return [GivenOrder(*row) for row in rows]


def note_taken(session: Session, numbers: Collection[int], now: datetime) -> None:
    session.execute(
        update(SeatOrder).where(SeatOrder.id.in_(numbers), SeatOrder.taken_at.is_(None)).values(taken_at=now)
    )


def note_failure(session: Session, order_number: int, reason: str) -> str | None:
    """Returns the call that it was about."""
    order = update(SeatOrder).where(SeatOrder.id == order_number).values(failure=reason)
    return session.scalar(order.returning(SeatOrder.call_id))


# whom to ask


def call_ladder(session: Session, desk_id: str, policy: TicketPolicy, now: datetime) -> Ladder:
    """The desk's pairs on duty, the longest without a call first, and what keeps each person from being called."""
    pairs = duty_repository.pairs_on_duty(session, desk_id, now)
    people = {person for pair in pairs for person in (pair.a_person_id, pair.b_person_id)}
    rows = {row.person_id: row for row in session.scalars(select(Presence).where(Presence.person_id.in_(people)))}
    busy = set(
        session.scalars(
            select(SeatCall.person_id).where(SeatCall.person_id.in_(people), SeatCall.status.in_(HOLDS_A_PERSON))
        )
    ) | {owed.person_id for owed in owed_wrap_ups(session, *people)}
    return Ladder(
        by_fairness(pairs, {person: Workload(int(person in busy), row.called_at) for person, row in rows.items()}),
        {person: _hindrance(rows.get(person), person in busy, policy, now) for person in people},
    )


def _hindrance(row: Presence | None, is_busy: bool, policy: TicketPolicy, now: datetime) -> MissReason | None:
    presence = duty_repository.presence_facts(row) if row is not None else None
    away = hindrance(presence, Workload(), capacity=1, grace_s=policy.presence_grace_s, now=now)
    if away is not None:
        return away
    if row is None or not row.phone:
        return MissReason.NO_PHONE
    return MissReason.ON_CALL if is_busy else None


def people_on_calls(session: Session, desk_id: str, policy: TicketPolicy, now: datetime) -> int:
    """How many people answer calls now: free, talking or writing."""
    ladder = call_ladder(session, desk_id, policy, now)
    return sum(reason in (None, MissReason.ON_CALL) for reason in ladder.hindrances.values())


def phone_of(session: Session, person_id: str) -> str | None:
    return session.scalar(select(Presence.phone).where(Presence.person_id == person_id))


# offers


def seat_asked_last(session: Session, call_id: str) -> str | None:
    return session.scalar(
        select(SeatCallOffer.seat_id)
        .where(SeatCallOffer.call_id == call_id)
        .order_by(SeatCallOffer.offer_no.desc())
        .limit(1)
    )


def add_offer(session: Session, seen: SeatCallFacts, step: OfferTo, now: datetime, rings_for: timedelta) -> None:
    """The call moves to `offered`, number `offer_no + 1`. Raises SeatCallMovedOn."""
    number = seen.offer_no + 1
    move(
        session, seen, SeatCallAction.OFFER, offer_no=number, offer_expires_at=now + rings_for,
        person_id=step.person_id, seat_id=step.seat_id,
    )  # fmt: skip
    session.add(
        SeatCallOffer(
            call_id=seen.call_id, offer_no=number, person_id=step.person_id, seat_id=step.seat_id,
            role=step.role, offered_at=now, outcome=OfferOutcome.OPEN,
        )
    )  # fmt: skip


def end_offer(
    session: Session, seen: SeatCallFacts, outcome: OfferOutcome, now: datetime, reason: MissReason | None = None
) -> None:
    session.execute(
        update(SeatCallOffer)
        .where(
            SeatCallOffer.call_id == seen.call_id,
            SeatCallOffer.offer_no == seen.offer_no,
            SeatCallOffer.outcome == OfferOutcome.OPEN,
        )
        .values(outcome=outcome, reason=reason, ended_at=now)
    )


def open_offers(session: Session, telephony_id: str) -> list[SeatOffer]:
    """For calls of this process. Who has taken his phone away meanwhile has an empty one."""
    query = select(*_COLUMNS).where(SeatCall.telephony_id == telephony_id, SeatCall.status == SeatCallStatus.OFFERED)
    offered = [SeatCallFacts(*row) for row in session.execute(query)]
    return [
        SeatOffer(seen.call_id, seen.offer_no, seen.person_id, phone_of(session, seen.person_id) or "", until)
        for seen in offered
        if seen.person_id is not None and (until := seen.offer_expires_at) is not None
    ]


def offers_of(session: Session, call_id: str) -> Sequence[SeatCallOffer]:
    return session.scalars(
        select(SeatCallOffer).where(SeatCallOffer.call_id == call_id).order_by(SeatCallOffer.offer_no)
    ).all()
