"""What the people side of a telephony process counts as served: nobody stays busy because the books were away."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest

from app.feed_nudges import LocalNudges
from app.seat_exchange import LocalSeatExchange
from ivr.ports import DialFailure
from kit.clock import SystemClock
from kit.errors import Unavailable
from tests.contracts.eventually import eventually
from ticketing.domain.assignment import MissReason
from ticketing.domain.seat_call import GivenOrder, SeatCallAction, SeatOffer
from ticketing.seat_call_service import SeatCallService


class Books(SeatCallService):
    """In which everybody may wait; or they are away."""

    def __init__(self) -> None:
        self.is_away = False
        self.served: list[frozenset[str]] = []

    def join(self, call_id: str, caller: str, telephony_id: str) -> str:  # type: ignore[override]
        return call_id

    def leave(self, call_id: str, action: SeatCallAction) -> bool:
        return self._answer()

    def end_talk(self, call_id: str) -> bool:
        return self._answer()

    def requeue(self, call_id: str) -> bool:
        return self._answer()

    def _answer(self) -> bool:
        if self.is_away:
            raise Unavailable("the books are away")
        return True

    def offer_next(self, telephony_id: str) -> list[SeatOffer]:
        return []

    def take_orders(self, telephony_id: str) -> list[GivenOrder]:
        return []

    def note_life(self, call_ids: Collection[str]) -> None:
        self.served.append(frozenset(call_ids))


class NoWords:
    def assign(self, call_id: str, person_id: str) -> None: ...

    def forget(self, call_id: str) -> None: ...

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None: ...


@pytest.mark.parametrize("end", ["given up", "talked", "outlived"])
async def test_a_call_whose_end_could_not_be_written_is_served_no_longer(end: str) -> None:
    books = Books()
    exchange = LocalSeatExchange(books, SystemClock(), "telephony-1", LocalNudges(), NoWords())
    await exchange.join("stays", "13900000001")
    if end == "outlived":
        exchange.went_on("ends")
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

    def miss(self, call_id: str, offer_no: int, reason: MissReason) -> bool:
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
