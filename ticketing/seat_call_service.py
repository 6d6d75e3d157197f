"""Calls and people: a line per desk, one phone ringing at a time, A before B, and nobody stuck in a ghost state."""

from collections.abc import Collection, Container
from datetime import timedelta
from typing import Any

import structlog

from kit.clock import Clock
from kit.db import Database, Transaction
from kit.phone_number import normalise
from ticketing import duty_repository, repository
from ticketing import seat_call_repository as calls
from ticketing.domain.assignment import MissReason, OfferOutcome, OfferTo, next_holder
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.errors import LineFull, SeatCallMovedOn, SeatCallNotFound, TextMissing
from ticketing.domain.events import PresenceChanged, SeatCallChanged, SeatCallOrdered
from ticketing.domain.policy import TicketPolicy
from ticketing.domain.seat_call import (
    IN_LINE,
    GivenOrder,
    Place,
    SeatCallAction,
    SeatCallFacts,
    SeatCallStatus,
    SeatOffer,
    WrapUpCode,
    expected_wait,
)
from ticketing.domain.ticket import is_identified
from ticketing.seat_call_models import SeatCall, SeatOrder

log = structlog.get_logger(__name__)

_SILENT_AFTER = timedelta(seconds=15)
"""A process that has not noted its life for so long is passed by in the line; it does so every few seconds."""
_TALK_SILENT_AFTER = timedelta(minutes=2)
"""A talk goes on while its process cannot reach the books."""
_NOTE_MAX = 2000


class SeatCallService:
    """Synchronous. One method, one transaction."""

    def __init__(self, db: Database, clock: Clock, policy: TicketPolicy) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy

    # the caller's side

    def join(self, call_id: str, caller: str, telephony_id: str) -> SeatCallFacts:
        """Into the line of the intake desk; who has just left it has his place back. Repeatable.

        Raises NoIntakeDesk, LineFull.
        """
        now, number = self._clock.now(), normalise(caller)
        with self._db.transaction() as tx:
            known = calls.find(tx.session, call_id)
            if known is not None:
                return known
            lost = None
            if is_identified(number):
                lost = calls.lost_place_of(tx.session, number, now - timedelta(seconds=self._policy.redial_s))
            desk_id = duty_repository.intake_desk_id(tx.session)
            tx.take_turns(f"ticketing.calls.{desk_id}")  # else a storm would pass the limit in one instant
            if lost is None and calls.in_line(tx.session, desk_id, now - _SILENT_AFTER) >= self._policy.line_max:
                raise LineFull
            row = SeatCall(
                id=call_id,
                desk_id=desk_id,
                caller=number,
                status=SeatCallStatus.WAITING,
                telephony_id=telephony_id,
                joined_at=now,
                placed_at=lost or now,
                seen_at=now,
                offer_no=0,
            )
            tx.session.add(row)
            tx.raise_event(SeatCallChanged(call_id))
            tx.session.flush()
            return calls.seat_call(tx.session, call_id)

    def place(self, call_id: str) -> Place:
        """Raises SeatCallNotFound."""
        now = self._clock.now()
        with self._db.reading() as session:
            seen = calls.seat_call(session, call_id)
            ahead = calls.ahead_of(session, seen, now - _SILENT_AFTER)
            people = calls.people_on_calls(session, seen.desk_id, self._policy, now)
            return Place(ahead + 1, expected_wait(ahead, calls.recent_handling_s(session, seen.desk_id), people))

    def leave(self, call_id: str, action: SeatCallAction) -> bool:
        """ABANDON or DIVERT: out of the line, and a phone that rings for it stops. False: it had left the line."""
        with self._db.transaction() as tx:
            seen = calls.find(tx.session, call_id)
            if seen is None:
                return False
            now = self._clock.now()
            try:
                calls.move(tx.session, seen, action, ended_at=now, offer_expires_at=None)
            except SeatCallMovedOn:
                return False
            calls.end_offer(tx.session, seen, OfferOutcome.WITHDRAWN, now)
            tx.raise_event(SeatCallChanged(call_id))
            return True

    # finding somebody

    def offer_next(self, telephony_id: str) -> list[SeatOffer]:
        """Offers for calls of this process that are first in their line, as long as somebody is free."""
        with self._db.reading() as session:
            desks = calls.desks_with_a_line(session, telephony_id)
        offers: list[SeatOffer] = []
        for desk_id in desks:
            while (offer := self._offer_at(desk_id, telephony_id)) is not None:
                offers.append(offer)
        return offers

    def _offer_at(self, desk_id: str, telephony_id: str) -> SeatOffer | None:
        with self._db.transaction() as tx:
            now = self._clock.now()
            tx.take_turns(f"ticketing.calls.{desk_id}")
            head = calls.head_of_line(tx.session, desk_id, now - _SILENT_AFTER)
            if head is None or head.telephony_id != telephony_id:
                return None  # the process in which the first one lives will see to him
            step = next_holder(calls.call_ladder(tx.session, desk_id, self._policy, now), (), self._seat_for(tx, head))
            if not isinstance(step, OfferTo):
                return None
            phone = calls.phone_of(tx.session, step.person_id)
            assert phone is not None
            rings_for = timedelta(seconds=self._policy.call_offer_s)
            calls.add_offer(tx.session, head, step, now, rings_for)
            duty_repository.update_presence(tx.session, step.person_id, called_at=now)
            tx.raise_event(SeatCallChanged(head.call_id))
            log.info("ticketing.seat_call.offered", call_id=head.call_id, offer_no=head.offer_no + 1)
            return SeatOffer(head.call_id, head.offer_no + 1, step.person_id, phone, now + rings_for)

    def _seat_for(self, tx: Transaction, head: SeatCallFacts) -> str | None:
        """The seat in turn, so that B follows A; at first the one that has the caller's open ticket."""
        asked_last = calls.seat_asked_last(tx.session, head.call_id)
        if asked_last is not None or not is_identified(head.caller):
            return asked_last
        return repository.seat_of_open_ticket(tx.session, head.caller, besides="")

    def open_offers(self, telephony_id: str) -> list[SeatOffer]:
        """What should ring in this process now."""
        with self._db.reading() as session:
            return calls.open_offers(session, telephony_id)

    def miss(self, call_id: str, offer_no: int, reason: MissReason | None) -> bool:
        """Nobody picked up. The person is set away, with the reason, until he comes back himself; without a reason
        (our own line could not ring him) he stays as he is.

        False: the offer was over already.
        """
        with self._db.transaction() as tx:
            now = self._clock.now()
            seen = calls.find(tx.session, call_id)
            if seen is None or seen.offer_no != offer_no or seen.person_id is None:
                return False
            try:
                calls.move(tx.session, seen, SeatCallAction.MISS, person_id=None, seat_id=None, offer_expires_at=None)
            except SeatCallMovedOn:
                return False
            outcome = OfferOutcome.MISSED if reason is not None else OfferOutcome.WITHDRAWN
            calls.end_offer(tx.session, seen, outcome, now, reason)
            tx.raise_event(SeatCallChanged(call_id))
            if reason is not None:
                self._set_away(tx, seen.person_id, reason)
            log.info("ticketing.seat_call.missed", call_id=call_id, offer_no=offer_no, reason=reason and reason.value)
            return True

    def _set_away(self, tx: Transaction, person_id: str | None, reason: MissReason) -> None:
        """Until he comes back himself: whoever does not answer gets no second call meanwhile."""
        if person_id is None:
            return
        away = {"state": PresenceState.AWAY, "away_reason": reason, "since": self._clock.now()}
        duty_repository.update_presence(tx.session, person_id, **away)
        tx.raise_event(PresenceChanged(person_id))

    def accept(self, call_id: str, offer_no: int) -> bool:
        """He picked up. False: too late, the caller is gone or somebody else was asked."""
        with self._db.transaction() as tx:
            now = self._clock.now()
            seen = calls.find(tx.session, call_id)
            if seen is None or seen.offer_no != offer_no:
                return False
            try:
                calls.move(tx.session, seen, SeatCallAction.ACCEPT, offer_expires_at=None, talked_from=now)
            except SeatCallMovedOn:
                return False
            calls.end_offer(tx.session, seen, OfferOutcome.ACCEPTED, now)
            tx.raise_event(SeatCallChanged(call_id))
            return True

    # the talk and after it

    def requeue(self, call_id: str) -> bool:
        """His person's leg broke: back in the line, at the old place; that person is set away. False: it is over."""
        return self._end_part(call_id, SeatCallAction.REQUEUE, MissReason.LEFT, person_id=None, seat_id=None)

    def transfer(self, call_id: str, desk_id: str) -> bool:
        """To the line of another desk, at his place in time. Its person writes up his part meanwhile."""
        return self._end_part(call_id, SeatCallAction.TRANSFER, None, person_id=None, seat_id=None, desk_id=desk_id)

    def end_talk(self, call_id: str) -> bool:
        return self._end_part(call_id, SeatCallAction.END_TALK, None)

    def wrap_up(self, call_id: str, person_id: str, code: WrapUpCode, note: str = "") -> None:
        """The person is free for the next call; the call is done when it was its last person.

        Raises SeatCallNotFound (also for another's), SeatCallMovedOn when he has written of it, or still talks.
        """
        if len(note) > _NOTE_MAX:
            raise TextMissing("the note is too long")
        with self._db.transaction() as tx:
            now = self._clock.now()
            seen = calls.seat_call(tx.session, call_id)
            written = calls.write_up(tx.session, call_id, person_id, code, note.strip(), now)
            if written is None and seen.person_id != person_id and not calls.has_talked(tx.session, call_id, person_id):
                raise SeatCallNotFound
            if written is None:
                raise SeatCallMovedOn("there is nothing to write up", status=seen.status)
            if seen.status is SeatCallStatus.WRAP_UP and seen.offer_no == written:
                calls.move(tx.session, seen, SeatCallAction.WRAP_UP, ended_at=now)
            tx.raise_event(SeatCallChanged(call_id))

    def order(self, call_id: str, person_id: str, kind: str, target: str = "", *, is_supervisor: bool = False) -> None:
        """Ask the talk's process for something. Raises SeatCallNotFound (also for another's), SeatCallMovedOn."""
        with self._db.transaction() as tx:
            seen = calls.seat_call(tx.session, call_id)
            if seen.person_id != person_id and not is_supervisor:
                raise SeatCallNotFound
            if seen.status is not SeatCallStatus.TALKING:
                raise SeatCallMovedOn("nobody talks", status=seen.status)
            given_at = self._clock.now()
            tx.session.add(SeatOrder(call_id=call_id, person_id=person_id, kind=kind, target=target, given_at=given_at))
            tx.raise_event(SeatCallOrdered(call_id))

    def orders_for(self, telephony_id: str) -> list[GivenOrder]:
        """Orders for the talks of this process, again and again until they are noted as taken."""
        with self._db.reading() as session:
            return calls.orders_for(session, telephony_id)

    def note_taken(self, numbers: Collection[int]) -> bool:
        """These orders have arrived at their talks. Repeatable."""
        with self._db.transaction() as tx:
            calls.note_taken(tx.session, numbers, self._clock.now())
            return True

    def fail_order(self, number: int, reason: str) -> None:
        """It came to nothing; who gave it is told."""
        with self._db.transaction() as tx:
            call_id = calls.note_failure(tx.session, number, reason)
            if call_id is not None:
                tx.raise_event(SeatCallOrdered(call_id))

    def stands(self, call_id: str, state: dict[str, Any]) -> None:
        """Keep how a talk stands, for the screens."""
        with self._db.transaction() as tx:
            calls.set_state(tx.session, call_id, state)
            tx.raise_event(SeatCallChanged(call_id))

    # against ghosts

    def note_life(self, call_ids: Collection[str]) -> None:
        """Their process still serves these. One whose end could not be written down is not among them, and ages."""
        with self._db.transaction() as tx:
            calls.note_life(tx.session, call_ids, self._clock.now())

    def settle_ghosts(self, telephony_id: str | None = None, but_not: Container[str] = ()) -> int:
        """End calls that live in the books only. How many.

        `telephony_id`: that process has just begun, so no call of its name can live. None: by the time of silence.
        `but_not`: talks that a telephone system may hold without any process.
        """
        now = self._clock.now()
        with self._db.reading() as session:
            if telephony_id is not None:
                ghosts = calls.live_calls_of(session, telephony_id, now)  # the books may answer late
            else:
                ghosts = calls.silent_calls(session, IN_LINE, now - _SILENT_AFTER)
                ghosts += calls.silent_calls(session, {SeatCallStatus.TALKING}, now - _TALK_SILENT_AFTER)
        return sum(self._settle(ghost) for ghost in ghosts if ghost.call_id not in but_not)

    def _settle(self, ghost: SeatCallFacts) -> bool:
        log.warning("ticketing.seat_call.ghost", call_id=ghost.call_id, status=ghost.status.value)
        if ghost.status is SeatCallStatus.TALKING:
            return self.end_talk(ghost.call_id)
        return self.leave(ghost.call_id, SeatCallAction.ABANDON)

    # reading

    def seat_call(self, call_id: str) -> SeatCallFacts:
        """Raises SeatCallNotFound."""
        with self._db.reading() as session:
            return calls.seat_call(session, call_id)

    def call_of(self, person_id: str) -> SeatCallFacts | None:
        """The call that rings at him, that he is in, or of which he was the last and still writes."""
        with self._db.reading() as session:
            return calls.call_of(session, person_id)

    def _end_part(self, call_id: str, action: SeatCallAction, away: MissReason | None, **values: object) -> bool:
        """Its person talks no longer, and owes his wrap-up. `away`: why he is set so. False: nobody talked."""
        with self._db.transaction() as tx:
            now = self._clock.now()
            seen = calls.find(tx.session, call_id)
            if seen is None:
                return False
            try:
                calls.move(tx.session, seen, action, talked_until=now, **values)
            except SeatCallMovedOn:
                return False
            calls.owe_wrap_up(tx.session, seen, now)
            tx.raise_event(SeatCallChanged(call_id))
            if away is not None:
                self._set_away(tx, seen.person_id, away)
            return True
