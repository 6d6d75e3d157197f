"""What the people side of a telephony process counts as served: nobody stays busy because the books were away."""

import asyncio
from collections.abc import Collection, Container
from datetime import timedelta
from typing import ClassVar

import pytest

from app.feed_nudges import LocalNudges
from app.seat_exchange import LocalSeatExchange
from ivr.domain.conversation import Side
from ivr.ports import DialFailure
from ivr.seat_ports import SeatOffer as Offer
from ivr.seat_ports import SeatOrderKind
from kit.clock import SystemClock
from kit.errors import Unavailable
from tests.contracts.eventually import eventually
from tests.support.listeners import said
from ticketing.domain.assignment import MissReason
from ticketing.domain.seat_call import GivenOrder, SeatCallAction, SeatOffer
from ticketing.seat_call_service import SeatCallService


class Books(SeatCallService):
    """In which everybody may wait; or they are away."""

    def __init__(self) -> None:
        self.is_away = False
        self.served: list[frozenset[str]] = []
        self.written: list[str] = []
        self.ended: list[str] = []

    def join(self, call_id: str, caller: str, telephony_id: str) -> str:  # type: ignore[override]
        return call_id

    def accept(self, call_id: str, offer_no: int) -> bool:
        self._answer()
        self.written.append(f"accepted {call_id} {offer_no}")
        return True

    def miss(self, call_id: str, offer_no: int, reason: MissReason | None) -> bool:
        self._answer()
        self.written.append(f"{reason} {call_id} {offer_no}")
        return True

    def leave(self, call_id: str, action: SeatCallAction) -> bool:
        return self._answer()

    def end_talk(self, call_id: str) -> bool:
        self.ended.append(call_id)
        return self._answer()

    def requeue(self, call_id: str) -> bool:
        return self._answer()

    def transfer(self, call_id: str, desk_id: str) -> bool:
        return self._answer()

    def _answer(self) -> bool:
        if self.is_away:
            raise Unavailable("the books are away")
        return True

    def offer_next(self, telephony_id: str) -> list[SeatOffer]:
        return []

    def open_offers(self, telephony_id: str) -> list[SeatOffer]:
        return []

    def orders_for(self, telephony_id: str) -> list[GivenOrder]:
        return []

    def settle_ghosts(self, telephony_id: str | None = None, but_not: Container[str] = ()) -> int:
        return 0

    def note_life(self, call_ids: Collection[str]) -> None:
        self.served.append(frozenset(call_ids))


class NoWords:
    def assign(self, call_id: str, person_id: str) -> None: ...

    def forget(self, call_id: str) -> None: ...

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None: ...


class Screens:
    """Who sees the words of which call, and what he saw. Implements LiveWords."""

    def __init__(self) -> None:
        self.persons: dict[str, str] = {}
        self.seen: list[tuple[str, str]] = []

    def assign(self, call_id: str, person_id: str) -> None:
        self.persons[call_id] = person_id

    def forget(self, call_id: str) -> None:
        self.persons.pop(call_id, None)

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None:
        if call_id in self.persons:
            self.seen.append((self.persons[call_id], text))


@pytest.mark.parametrize("are_books_away", [False, True])
@pytest.mark.parametrize("end", ["requeued", "transferred", "ended"])
async def test_who_talks_no_longer_sees_no_more_words(end: str, are_books_away: bool) -> None:
    books, screens = Books(), Screens()
    exchange = LocalSeatExchange(books, SystemClock(), "telephony-1", LocalNudges(), screens)
    await exchange.join("call1", "13900000001")
    assert await exchange.accepted("call1", Offer(1, "ann", "sip:ann@127.0.0.1", rings_for_s=20))
    exchange.heard("call1", Side.CITIZEN, said("你好"))
    books.is_away = are_books_away
    match end:
        case "requeued":
            await exchange.requeue("call1")
        case "transferred":
            await exchange.transferred("call1", "desk-2")
        case _:
            await exchange.ended("call1")
    exchange.heard("call1", Side.CITIZEN, said("我的身份证号"))
    books.is_away = False
    assert await exchange.accepted("call1", Offer(2, "ben", "sip:ben@127.0.0.1", rings_for_s=20))
    exchange.heard("call1", Side.CITIZEN, said("路灯坏了"))
    assert screens.seen == [("ann", "你好"), ("ben", "路灯坏了")]


@pytest.mark.parametrize("end", ["given up", "talked", "outlived"])
async def test_a_call_whose_end_could_not_be_written_is_served_no_longer(end: str) -> None:
    books = Books()
    exchange = LocalSeatExchange(books, SystemClock(), "telephony-1", LocalNudges(), NoWords())
    await exchange.join("stays", "13900000001")
    if end == "outlived":
        exchange.went_on("ends", "ann")
    else:
        await exchange.join("ends", "13900000002")
    books.is_away = True
    if end == "given up":
        await exchange.left("ends", is_diverted=False)
    else:
        await exchange.ended("ends")
    running = asyncio.create_task(exchange.run())
    await eventually(lambda: bool(books.served))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert books.served == [{"stays"}]


@pytest.mark.parametrize(
    ("end", "written"), [("missed", ["silent caller 1"]), ("accepted", ["accepted caller 1"]), ("caller gone", [])]
)
async def test_how_an_offer_ended_is_written_when_the_books_are_back(end: str, written: list[str]) -> None:
    """Else the caller would wait for ever, and his person be busy with him."""
    books = Books()
    exchange = LocalSeatExchange(books, SystemClock(), "telephony-1", LocalNudges(), NoWords())
    await exchange.join("caller", "13900000001")
    await exchange.join("other", "13900000002")
    offer = Offer(1, "ann", "sip:ann@127.0.0.1", rings_for_s=20)
    books.is_away = True
    if end == "accepted":
        assert await exchange.accepted("caller", offer)
    else:
        await exchange.missed("caller", offer, DialFailure.NO_ANSWER)
    if end == "caller gone":
        await exchange.left("caller", is_diverted=False)
    books.is_away = False
    running = asyncio.create_task(exchange.run())
    await eventually(lambda: bool(books.served))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert books.written == written


async def test_orders_of_a_call_that_is_over_are_waited_for_in_vain_and_break_nothing() -> None:
    exchange = LocalSeatExchange(Books(), SystemClock(), "telephony-1", LocalNudges(), NoWords())
    waiting = asyncio.create_task(exchange.next_order("gone"))
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert not done
    waiting.cancel()


class Offering(Books):
    """One offer, to ann."""

    def __init__(self) -> None:
        super().__init__()
        self.offers = [SeatOffer("call1", 1, "ann", "browser:ann", SystemClock().now() + timedelta(seconds=20))]

    def offer_next(self, telephony_id: str) -> list[SeatOffer]:
        offers, self.offers = self.offers, []
        return offers

    def miss(self, call_id: str, offer_no: int, reason: MissReason | None) -> bool:
        return self._answer()

    def accept(self, call_id: str, offer_no: int) -> bool:
        return self._answer()


@pytest.mark.parametrize("end", ["given up", "missed", "accepted"])
async def test_what_a_person_sees_of_a_call_ends_with_its_ringing(end: str) -> None:
    facts = {"caller": "13900000001"}
    exchange = LocalSeatExchange(
        Offering(), SystemClock(), "telephony-1", LocalNudges(), NoWords(), lambda call_id: facts
    )
    await exchange.join("call1", "13900000001")
    running = asyncio.create_task(exchange.run())
    offer = await exchange.next_offer("call1")
    assert (exchange.ring_facts("ann"), exchange.ring_facts("ben")) == (facts, {})
    match end:
        case "given up":
            await exchange.left("call1", is_diverted=False)
        case "missed":
            await exchange.missed("call1", offer, DialFailure.NO_ANSWER)
        case _:
            await exchange.accepted("call1", offer)
    assert exchange.ring_facts("ann") == {}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_talk_that_may_go_on_is_over_when_the_telephone_system_has_been_looked_through() -> None:
    books = Books()
    exchange = LocalSeatExchange(books, SystemClock(), "telephony-1", LocalNudges(), NoWords())
    await exchange.recover(frozenset({"goes on", "is over"}))
    running = asyncio.create_task(exchange.run())
    await eventually(lambda: bool(books.served))
    assert (books.served[0], books.ended) == (frozenset(), []), "nobody knows yet: neither served nor ended"
    exchange.found(frozenset({"goes on", "another's"}))
    await eventually(lambda: books.ended == ["is over"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_ordered_before_a_talk_is_found_is_done_then() -> None:
    exchange = LocalSeatExchange(Ordering(), SystemClock(), "telephony-1", LocalNudges(), NoWords())
    await exchange.recover(frozenset({"goes on"}))
    running = asyncio.create_task(exchange.run())
    await eventually(lambda: not Ordering.waiting)
    exchange.went_on("goes on", "ann")
    async with asyncio.timeout(5):
        assert (await exchange.next_order("goes on")).kind is SeatOrderKind.HANG_UP
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Ordering(Books):
    waiting: ClassVar = [GivenOrder(1, "goes on", "hang_up", "")]

    def orders_for(self, telephony_id: str) -> list[GivenOrder]:
        return list(self.waiting)

    def note_taken(self, numbers: Collection[int]) -> bool:
        self.waiting.clear()
        return True
