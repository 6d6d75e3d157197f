"""Brings calls that want a person and people together, for one telephony process. The books decide, not this memory.

It looks whenever something happened (a nudge, a caller who came) and once a second without. While the books are away
nobody new can be asked; who talks goes on talking, and what could not be written down is settled when they are back.

An answer may come too late to be heard, or be lost: what the books have decided is read again until it is done here.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial

import structlog

from app.asked_books import AskedBooks
from app.feed_nudges import FeedNudges
from app.live_words import LiveWords
from ivr.domain.conversation import Side
from ivr.domain.hearing import Heard
from ivr.ports import DialFailure
from ivr.seat_ports import OrderFailure, SeatOffer, SeatOrder, SeatOrderKind, TalkState, WaitingPlace
from kit.clock import Clock
from ticketing.domain.assignment import MissReason
from ticketing.domain.seat_call import SeatCallAction
from ticketing.domain.seat_call import SeatOffer as BookedOffer
from ticketing.seat_call_service import SeatCallService

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_NOTE_LIFE_EVERY_S = 5.0
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
        self._books = AskedBooks()
        self._clock = clock
        self._telephony_id = telephony_id
        self._nudges = nudges
        self._words = words
        self._facts_of = facts_of
        self._rung: dict[str, int] = {}
        """The last offer of each call that was handed to its script."""
        self._handed_over: set[int] = set()
        """Orders that have arrived at their talks, which the books do not know yet."""
        self._rings: dict[str, tuple[str, Mapping[str, str]]] = {}
        """Which call rings at whom, and what he may see of it."""
        self._wake = asyncio.Event()
        self._waiting: dict[str, asyncio.Queue[SeatOffer]] = {}
        self._orders: dict[str, asyncio.Queue[SeatOrder]] = {}
        self._owed: dict[str, Callable[[], bool]] = {}
        """How an offer ended, by call, that the books have not heard yet: until then they ask nobody else for it."""
        self._not_found_yet: set[str] = set()

    async def recover(self, going_on: frozenset[str] = frozenset()) -> None:
        """At start-up: calls of a killed predecessor of this name are over, except talks that may be found going on."""
        self._not_found_yet = set(going_on)
        for call_id in going_on:
            self._orders[call_id] = asyncio.Queue()  # what is ordered meanwhile is done once it is found
        await self._books.ask(lambda: self._calls.settle_ghosts(self._telephony_id, going_on))

    async def run(self) -> None:
        """Until cancelled."""
        listening = asyncio.create_task(self._listen())
        life_noted_at = 0.0
        clock = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                if self._waiting or self._orders:
                    await self._look()
                    if clock.time() - life_noted_at >= _NOTE_LIFE_EVERY_S:
                        life_noted_at = clock.time()
                        await self._note_life()
                        await self._look_for_silent_offers()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            listening.cancel()

    async def _note_life(self) -> None:
        served = (self._waiting.keys() | self._orders.keys()) - self._not_found_yet
        await self._books.ask(lambda: self._calls.note_life(served))

    def found(self, talks: frozenset[str]) -> None:
        """The telephone system has been looked through: what might have gone on and is not there is over.

        Until it can be looked through nobody knows, and its person gets no other call.
        """
        lost, self._not_found_yet = self._not_found_yet - talks, set()
        for call_id in lost:
            log.warning("app.seat_exchange.talk_not_found", call_id=call_id)
            self._forget(call_id)
            self._books.tell(partial(self._calls.end_talk, call_id), call_id)

    async def _listen(self) -> None:
        async for topics in self._nudges.listen():
            if topics & _WAKES:
                self._wake.set()

    async def _pay_what_is_owed(self) -> None:
        for call_id, question in list(self._owed.items()):
            if await self._books.ask(question, call_id) is None:
                return
            if self._owed.get(call_id) is question:
                del self._owed[call_id]

    async def _look(self) -> None:
        await self._pay_what_is_owed()
        for offer in await self._books.ask(lambda: self._calls.offer_next(self._telephony_id)) or []:
            await self._ring(offer)
        for order in await self._books.ask(lambda: self._calls.orders_for(self._telephony_id)) or []:
            if order.call_id in self._orders and order.number not in self._handed_over:
                self._orders[order.call_id].put_nowait(SeatOrder(SeatOrderKind(order.kind), order.target, order.number))
                self._handed_over.add(order.number)
        await self._note_handed_over()

    async def _note_handed_over(self) -> None:
        arrived = frozenset(self._handed_over)
        if arrived and await self._books.ask(partial(self._calls.note_taken, arrived)) is not None:
            self._handed_over -= arrived

    async def _look_for_silent_offers(self) -> None:
        """The books have made them, and their answer was late or lost: rung now, or taken back."""
        for offer in await self._books.ask(lambda: self._calls.open_offers(self._telephony_id)) or []:
            if offer.call_id not in self._waiting:
                leave = partial(self._calls.leave, offer.call_id, SeatCallAction.ABANDON)
                await self._books.ask(leave, offer.call_id)
            elif offer.offer_no > self._rung.get(offer.call_id, 0):
                log.warning("app.seat_exchange.silent_offer", call_id=offer.call_id, offer_no=offer.offer_no)
                await self._ring(offer)

    async def _ring(self, offer: BookedOffer) -> None:
        queue = self._waiting.get(offer.call_id)
        if queue is None:
            return  # he has just left, which withdraws the offer
        rings_for_s = (offer.expires_at - self._clock.now()).total_seconds()
        if rings_for_s <= 0 or not offer.phone:
            await self._books.ask(partial(self._calls.miss, offer.call_id, offer.offer_no, None), offer.call_id)
            return
        self._rung[offer.call_id] = offer.offer_no
        facts = await self._books.ask(partial(self._facts_of, offer.call_id))
        if self._waiting.get(offer.call_id) is queue:
            self._rings[offer.person_id] = (offer.call_id, facts or {})
            queue.put_nowait(SeatOffer(offer.offer_no, offer.person_id, offer.phone, max(1.0, rings_for_s)))

    def ring_facts(self, person_id: str) -> Mapping[str, str]:
        """What he may see of the call that rings at him now; empty when none does."""
        _, facts = self._rings.get(person_id, ("", {}))
        return facts

    # --- SeatExchange ---

    async def join(self, call_id: str, caller: str) -> bool:
        self._waiting[call_id] = asyncio.Queue()  # before he can be offered to anybody
        self._orders[call_id] = asyncio.Queue()
        joined = await self._books.ask(lambda: self._calls.join(call_id, caller, self._telephony_id), call_id)
        if joined is None:
            self._forget(call_id)
            self._books.tell(lambda: self._calls.leave(call_id, SeatCallAction.DIVERT), call_id)  # he may be in it yet
            return False
        self._wake.set()
        return True

    async def next_offer(self, call_id: str) -> SeatOffer:
        return await self._waiting[call_id].get()

    async def missed(self, call_id: str, offer: SeatOffer, why: DialFailure) -> None:
        self._rings.pop(offer.person_id, None)
        reason = _MISSED.get(why, MissReason.UNREACHABLE)
        await self._tell_end_of_offer(call_id, lambda: self._calls.miss(call_id, offer.offer_no, reason))
        self._wake.set()

    async def returned(self, call_id: str, offer: SeatOffer) -> None:
        self._rings.pop(offer.person_id, None)
        await self._books.ask(lambda: self._calls.miss(call_id, offer.offer_no, None))

    async def accepted(self, call_id: str, offer: SeatOffer) -> bool:
        """With the books away it counts: two people are on the line, and nobody else can have been asked."""
        self._rings.pop(offer.person_id, None)
        is_his = await self._tell_end_of_offer(call_id, lambda: self._calls.accept(call_id, offer.offer_no))
        if is_his is not False:
            self._words.assign(call_id, offer.person_id)
        return is_his is not False

    async def _tell_end_of_offer(self, call_id: str, question: Callable[[], bool]) -> bool | None:
        answer = await self._books.ask(question, call_id)
        if answer is None and call_id in self._waiting:
            self._owed[call_id] = question
        return answer

    async def left(self, call_id: str, *, is_diverted: bool) -> None:
        action = SeatCallAction.DIVERT if is_diverted else SeatCallAction.ABANDON
        self._forget(call_id)
        await self._books.ask(lambda: self._calls.leave(call_id, action), call_id)

    def _forget(self, call_id: str) -> None:
        """Served no longer. Should the books be away now, its row ages, and is settled as a ghost."""
        for kept in (self._waiting, self._orders, self._owed, self._rung):
            kept.pop(call_id, None)
        for person_id in [person_id for person_id, (ringing, _) in self._rings.items() if ringing == call_id]:
            del self._rings[person_id]

    async def place(self, call_id: str) -> WaitingPlace | None:
        place = await self._books.ask(lambda: self._calls.place(call_id))
        if place is None:
            return None
        return WaitingPlace(place.number, place.wait.total_seconds() if place.wait is not None else None)

    async def requeue(self, call_id: str) -> bool:
        self._words.forget(call_id)  # what is said from now on is not for the person who is gone
        is_back = bool(await self._books.ask(lambda: self._calls.requeue(call_id), call_id))
        self._wake.set()
        return is_back

    async def transferred(self, call_id: str, desk_id: str) -> bool:
        self._words.forget(call_id)
        is_there = bool(await self._books.ask(lambda: self._calls.transfer(call_id, desk_id), call_id))
        self._wake.set()
        return is_there

    def went_on(self, call_id: str, person_id: str | None) -> None:
        self._not_found_yet.discard(call_id)
        self._waiting[call_id] = asyncio.Queue()
        self._orders.setdefault(call_id, asyncio.Queue())
        if person_id is not None:
            self._words.assign(call_id, person_id)
        self._wake.set()

    async def ended(self, call_id: str) -> None:
        self._forget(call_id)
        self._words.forget(call_id)
        await self._books.ask(lambda: self._calls.end_talk(call_id), call_id)

    async def next_order(self, call_id: str) -> SeatOrder:
        orders = self._orders.get(call_id) or asyncio.Queue()  # none will come for one that is over
        return await orders.get()

    def order_failed(self, order: SeatOrder, why: DialFailure | OrderFailure) -> None:
        self._books.tell(lambda: self._calls.fail_order(order.number, why.value))

    def stands(self, call_id: str, state: TalkState) -> None:
        self._books.tell(lambda: self._calls.stands(call_id, asdict(state)), call_id)

    def heard(self, call_id: str, side: Side, heard: Heard) -> None:
        self._words.tell(call_id, side.value, heard.text, is_final=heard.is_final)
