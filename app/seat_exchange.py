"""Brings calls that want a person and people together, for one telephony process. The books decide, not this memory.

It looks whenever something happened (a nudge, a caller who came) and once a second without. While the books are away
nobody new can be asked; who talks goes on talking, and what could not be written down is settled when they are back.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import TypeVar

import structlog

from app.feed_nudges import FeedNudges
from app.live_words import LiveWords
from app.views.database_health import DATABASE_AWAY
from ivr.domain.conversation import Side
from ivr.domain.hearing import Heard
from ivr.ports import DialFailure
from ivr.seat_ports import OrderFailure, SeatOffer, SeatOrder, SeatOrderKind, TalkState, WaitingPlace
from kit.clock import Clock
from kit.errors import HotlineError
from ticketing.domain.assignment import MissReason
from ticketing.domain.seat_call import SeatCallAction
from ticketing.seat_call_service import SeatCallService

log = structlog.get_logger(__name__)
T = TypeVar("T")

_LOOK_EVERY_S = 1.0
_NOTE_LIFE_EVERY_S = 5.0
_FOUND_WITHIN_S = 60.0
"""So long a telephone system may take to come back after our start."""
_BOOKS_WITHIN_S = 3.0
_WAKES = frozenset({"seat_call", "presence"})
_MISSED = {
    DialFailure.NO_ANSWER: MissReason.SILENT,
    DialFailure.BUSY: MissReason.REFUSED,
    DialFailure.REJECTED: MissReason.REFUSED,
}


class LocalSeatExchange:
    """Implements SeatExchange. `run` is its heart-beat."""

    def __init__(
        self,
        calls: SeatCallService,
        clock: Clock,
        telephony_id: str,
        nudges: FeedNudges,
        words: LiveWords,
        facts_of: Callable[[str], Mapping[str, str]] = lambda call_id: {},
    ) -> None:
        """`facts_of`: what the person who is rung may see of a call; from the books."""
        self._calls = calls
        self._clock = clock
        self._telephony_id = telephony_id
        self._nudges = nudges
        self._words = words
        self._facts_of = facts_of
        self._rings: dict[str, tuple[str, Mapping[str, str]]] = {}
        """Which call rings at whom, and what he may see of it."""
        self._wake = asyncio.Event()
        self._waiting: dict[str, asyncio.Queue[SeatOffer]] = {}
        self._orders: dict[str, asyncio.Queue[SeatOrder]] = {}
        self._unwritten: set[asyncio.Task[None]] = set()
        self._is_away = False
        self._not_found_yet: set[str] = set()
        self._found_until = 0.0

    async def recover(self, going_on: frozenset[str] = frozenset()) -> None:
        """At start-up: calls of a killed predecessor of this name are over, except talks that may be found going on."""
        self._not_found_yet = set(going_on)
        self._found_until = asyncio.get_running_loop().time() + _FOUND_WITHIN_S
        await self._ask_books(lambda: self._calls.settle_ghosts(self._telephony_id, going_on))

    async def run(self) -> None:
        """Until cancelled."""
        listening = asyncio.create_task(self._listen())
        life_noted_at = 0.0
        clock = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                if self._not_found_yet and clock.time() > self._found_until:
                    await self._end_what_was_not_found()
                if self._waiting or self._orders:
                    await self._look()
                    if clock.time() - life_noted_at >= _NOTE_LIFE_EVERY_S:
                        life_noted_at = clock.time()
                        await self._note_life()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            listening.cancel()

    async def _note_life(self) -> None:
        served = self._waiting.keys() | self._orders.keys()
        await self._ask_books(lambda: self._calls.note_life(served))

    async def _end_what_was_not_found(self) -> None:
        lost, self._not_found_yet = self._not_found_yet, set()
        for call_id in lost:
            log.warning("app.seat_exchange.talk_not_found", call_id=call_id)
            await self.ended(call_id)

    async def _listen(self) -> None:
        async for topics in self._nudges.listen():
            if topics & _WAKES:
                self._wake.set()

    async def _look(self) -> None:
        for offer in await self._ask_books(lambda: self._calls.offer_next(self._telephony_id)) or []:
            rings_for_s = max(1.0, (offer.expires_at - self._clock.now()).total_seconds())
            queue = self._waiting.get(offer.call_id)
            if queue is not None:  # else he has just left, which withdraws the offer
                facts = await self._ask_books(partial(self._facts_of, offer.call_id))
                self._rings[offer.person_id] = (offer.call_id, facts or {})
                queue.put_nowait(SeatOffer(offer.offer_no, offer.person_id, offer.phone, rings_for_s))
        for order in await self._ask_books(lambda: self._calls.take_orders(self._telephony_id)) or []:
            if order.call_id in self._orders:
                self._orders[order.call_id].put_nowait(SeatOrder(SeatOrderKind(order.kind), order.target, order.number))

    def ring_facts(self, person_id: str) -> Mapping[str, str]:
        """What he may see of the call that rings at him now; empty when none does."""
        _, facts = self._rings.get(person_id, ("", {}))
        return facts

    # --- SeatExchange ---

    async def join(self, call_id: str, caller: str) -> bool:
        joined = await self._ask_books(lambda: self._calls.join(call_id, caller, self._telephony_id))
        if joined is None:
            return False
        self._waiting[call_id] = asyncio.Queue()
        self._orders[call_id] = asyncio.Queue()
        self._wake.set()
        return True

    async def next_offer(self, call_id: str) -> SeatOffer:
        return await self._waiting[call_id].get()

    async def missed(self, call_id: str, offer: SeatOffer, why: DialFailure) -> None:
        self._rings.pop(offer.person_id, None)
        reason = _MISSED.get(why, MissReason.UNREACHABLE)
        await self._ask_books(lambda: self._calls.miss(call_id, offer.offer_no, reason))
        self._wake.set()

    async def accepted(self, call_id: str, offer: SeatOffer) -> bool:
        """With the books away it counts: two people are on the line, and nobody else can have been asked."""
        self._rings.pop(offer.person_id, None)
        is_his = await self._ask_books(lambda: self._calls.accept(call_id, offer.offer_no))
        if is_his:
            self._words.assign(call_id, offer.person_id)
        return is_his is not False

    async def left(self, call_id: str, *, is_diverted: bool) -> None:
        action = SeatCallAction.DIVERT if is_diverted else SeatCallAction.ABANDON
        self._forget(call_id)
        await self._ask_books(lambda: self._calls.leave(call_id, action))

    def _forget(self, call_id: str) -> None:
        """Served no longer. Should the books be away now, its row ages, and is settled as a ghost."""
        for queues in (self._waiting, self._orders):
            queues.pop(call_id, None)
        for person_id in [person_id for person_id, (ringing, _) in self._rings.items() if ringing == call_id]:
            del self._rings[person_id]

    async def place(self, call_id: str) -> WaitingPlace | None:
        place = await self._ask_books(lambda: self._calls.place(call_id))
        if place is None:
            return None
        return WaitingPlace(place.number, place.wait.total_seconds() if place.wait is not None else None)

    async def requeue(self, call_id: str) -> bool:
        is_back = bool(await self._ask_books(lambda: self._calls.requeue(call_id)))
        self._wake.set()
        return is_back

    async def transferred(self, call_id: str, desk_id: str) -> bool:
        is_there = bool(await self._ask_books(lambda: self._calls.transfer(call_id, desk_id)))
        self._wake.set()
        return is_there

    def went_on(self, call_id: str) -> None:
        self._not_found_yet.discard(call_id)
        self._orders[call_id] = asyncio.Queue()

    async def ended(self, call_id: str) -> None:
        self._forget(call_id)
        self._words.forget(call_id)
        await self._ask_books(lambda: self._calls.end_talk(call_id))

    async def next_order(self, call_id: str) -> SeatOrder:
        orders = self._orders.get(call_id) or asyncio.Queue()  # none will come for one that is over
        return await orders.get()

    def order_failed(self, order: SeatOrder, why: DialFailure | OrderFailure) -> None:
        self._write(lambda: self._calls.fail_order(order.number, why.value))

    def stands(self, call_id: str, state: TalkState) -> None:
        self._write(lambda: self._calls.stands(call_id, asdict(state)))

    def _write(self, what: Callable[[], None]) -> None:
        """Nobody waits for it."""
        task = asyncio.create_task(self._ask_books(what))
        self._unwritten.add(task)
        task.add_done_callback(self._unwritten.discard)

    def heard(self, call_id: str, side: Side, heard: Heard) -> None:
        self._words.tell(call_id, side.value, heard.text, is_final=heard.is_final)

    async def _ask_books(self, question: Callable[[], T]) -> T | None:
        """None when the books are away, or know better; what is known is logged once."""
        try:
            async with asyncio.timeout(_BOOKS_WITHIN_S):
                answer = await asyncio.to_thread(question)
        except HotlineError as error:
            log.warning("app.seat_exchange.refused", code=error.code)
            return None
        except (*DATABASE_AWAY, TimeoutError) as error:
            if not self._is_away:
                log.error("app.seat_exchange.books_away", reason=type(error).__name__)  # noqa: TRY400 - no trace needed
            self._is_away = True
            return None
        except Exception:
            log.exception("app.seat_exchange.failed")
            return None
        self._is_away = False
        return answer
