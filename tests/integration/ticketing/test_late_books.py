"""Books that answer too late for who asked: what they have decided still reaches the telephone, and in its order."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

import app.asked_books
import app.seat_exchange
from app.feed_nudges import LocalNudges
from app.seat_exchange import LocalSeatExchange
from ivr.seat_ports import SeatOrderKind
from kit.clock import FixedClock
from kit.db import Database
from tests.contracts.eventually import eventually
from tests.integration.ticketing.scene import CALLER, POLICY, Scene
from ticketing import seat_call_repository
from ticketing.domain.assignment import OfferOutcome
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.seat_call import GivenOrder, SeatCallFacts, SeatCallStatus, SeatOffer
from ticketing.seat_call_service import SeatCallService

HERE = "telephony-1"


class LateBooks(SeatCallService):
    """What is asked of them is done at once; the answer may be late, or lost."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        super().__init__(db, clock, POLICY)
        self._late: dict[str, threading.Event] = {}
        self.lost: set[str] = set()
        """Names of answers of which the next one is lost."""
        self.done: list[str] = []

    def hold_back(self, name: str) -> threading.Event:
        """The next answer of this name; until the event is set."""
        self._late[name] = threading.Event()
        return self._late[name]

    def _answer(self, name: str) -> None:
        self.done.append(name)
        if name in self.lost:
            self.lost.discard(name)
            raise ConnectionError("planted")
        late = self._late.pop(name, None)
        if late is not None:
            assert late.wait(10)

    def join(self, call_id: str, caller: str, telephony_id: str) -> SeatCallFacts:
        joined = super().join(call_id, caller, telephony_id)
        self._answer("join")
        return joined

    def offer_next(self, telephony_id: str) -> list[SeatOffer]:
        offers = super().offer_next(telephony_id)
        if offers:
            self._answer("offer")
        return offers

    def accept(self, call_id: str, offer_no: int) -> bool:
        self._answer("accept")  # before: it is the deed that is late
        return super().accept(call_id, offer_no)

    def orders_for(self, telephony_id: str) -> list[GivenOrder]:
        orders = super().orders_for(telephony_id)
        if orders:
            self._answer("orders")
        return orders

    def note_taken(self, numbers: Collection[int]) -> bool:
        is_noted = super().note_taken(numbers)
        self._answer("taken")
        return is_noted


class NoWords:
    def assign(self, call_id: str, person_id: str) -> None: ...

    def forget(self, call_id: str) -> None: ...

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None: ...


class Line(Scene):
    """A desk whose two people have phones, and the exchange of one telephony process."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        super().__init__(db, clock)
        self.books = LateBooks(db, clock)
        self.exchange = LocalSeatExchange(self.books, clock, HERE, LocalNudges(), NoWords())
        self.add_pair("ann", "ben")
        self.come("ann", "ben")
        for person in ("ann", "ben"):
            self.duty.set_phone(person, f"sip:{person}@pbx.example")

    def status(self, call_id: str) -> SeatCallStatus:
        return self.books.seat_call(call_id).status

    def outcomes(self, call_id: str) -> list[OfferOutcome]:
        with self.db.reading() as session:
            return [offer.outcome for offer in seat_call_repository.offers_of(session, call_id)]

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.exchange.run())
        try:
            async with asyncio.timeout(10):
                yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def talk(self) -> None:
        await self.exchange.join("c1", CALLER)
        (offer,) = self.books.offer_next(HERE)
        assert self.books.accept("c1", offer.offer_no)


@pytest.fixture
def line(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setattr(app.asked_books, "_WITHIN_S", 0.3)
    for name, seconds in (("_LOOK_EVERY_S", 0.02), ("_NOTE_LIFE_EVERY_S", 0.02)):
        monkeypatch.setattr(app.seat_exchange, name, seconds)
    return Line(database, clock)


async def test_an_offer_that_comes_too_late_to_be_told_rings_all_the_same(line: Line) -> None:
    late = line.books.hold_back("offer")
    await line.exchange.join("c1", CALLER)
    async with line.looked_after():
        assert (await line.exchange.next_offer("c1")).person_id == "ann"
        late.set()
    assert line.outcomes("c1") == [OfferOutcome.OPEN], "once"


async def test_an_offer_of_which_the_answer_is_lost_rings_all_the_same(line: Line) -> None:
    """Also when it was another desk's that failed."""
    line.books.lost.add("offer")
    await line.exchange.join("c1", CALLER)
    async with line.looked_after():
        assert (await line.exchange.next_offer("c1")).offer_no == 1


async def test_a_phone_that_never_rang_is_not_missed_and_the_caller_is_offered_anew(line: Line) -> None:
    await line.exchange.join("c1", CALLER)
    line.books.offer_next(HERE)
    line.clock.advance(timedelta(seconds=POLICY.call_offer_s))
    async with line.looked_after():
        assert (await line.exchange.next_offer("c1")).offer_no == 2
    assert line.outcomes("c1") == [OfferOutcome.WITHDRAWN, OfferOutcome.OPEN]
    presence = line.duty.presence("ann")
    assert presence is not None
    assert presence.state is PresenceState.AVAILABLE


async def test_an_offer_for_a_caller_who_is_gone_is_taken_back(line: Line) -> None:
    line.books.join("gone", CALLER, HERE)
    line.books.offer_next(HERE)
    await line.exchange.join("c1", "+8613900000002")
    async with line.looked_after():
        await eventually(lambda: line.status("gone") is SeatCallStatus.ABANDONED)


@pytest.mark.parametrize("late", ["orders", "taken"])
async def test_an_order_arrives_once_however_late_the_books_are(line: Line, late: str) -> None:
    await line.talk()
    line.books.order("c1", "ann", "hold")
    held = line.books.hold_back(late)
    async with line.looked_after():
        assert (await line.exchange.next_order("c1")).kind is SeatOrderKind.HOLD
        held.set()
        line.books.order("c1", "ann", "resume")
        assert (await line.exchange.next_order("c1")).kind is SeatOrderKind.RESUME
        await eventually(lambda: line.books.orders_for(HERE) == [])


async def test_who_was_told_that_nobody_can_be_asked_does_not_stand_in_the_line(line: Line) -> None:
    late = line.books.hold_back("join")
    assert not await line.exchange.join("c1", CALLER)
    late.set()
    await eventually(lambda: line.status("c1") is SeatCallStatus.DIVERTED)


async def test_a_late_accept_does_not_come_after_the_goodbye(line: Line) -> None:
    """Else the person would be busy with a caller who is gone."""
    await line.exchange.join("c1", CALLER)
    async with line.looked_after():
        offer = await line.exchange.next_offer("c1")
    late = line.books.hold_back("accept")
    accepting = asyncio.create_task(line.exchange.accepted("c1", offer))
    await eventually(lambda: "accept" in line.books.done)
    accepting.cancel()
    await asyncio.gather(line.exchange.left("c1", is_diverted=False), line.exchange.ended("c1"))
    late.set()
    await eventually(lambda: line.status("c1") is SeatCallStatus.WRAP_UP)


def test_who_came_after_the_start_is_no_ghost_of_the_process_before(line: Line) -> None:
    line.books.join("before", CALLER, HERE)
    started_at = line.clock.now()
    line.clock.advance(timedelta(seconds=1))
    line.books.join("after", "+8613900000002", HERE)
    with line.db.reading() as session:
        ghosts = seat_call_repository.live_calls_of(session, HERE, started_at)
    assert [ghost.call_id for ghost in ghosts] == ["before"]
