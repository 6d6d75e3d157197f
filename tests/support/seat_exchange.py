"""A people side that does as told: offers in their order, orders in theirs, and it remembers what it was told."""

import asyncio
from collections.abc import Sequence

from ivr.domain.conversation import Side
from ivr.domain.hearing import Heard
from ivr.ports import DialFailure
from ivr.seat_ports import OrderFailure, SeatOffer, SeatOrder, SeatOrderKind, TalkState, WaitingPlace
from tests.contracts.eventually import eventually


class ScriptedExchange:
    """Implements SeatExchange. Without offers left a caller waits for ever."""

    def __init__(
        self,
        *phones: str,
        orders: Sequence[SeatOrder] = (),
        place: WaitingPlace | None = None,
        has_desk: bool = True,
        is_too_late: bool = False,
        can_requeue: bool = True,
    ) -> None:
        self.told: list[str] = []
        self.states: list[TalkState] = []
        self.failures: list[tuple[SeatOrderKind, str]] = []
        self.words: list[tuple[Side, str]] = []
        self._phones = list(phones)
        self._orders = list(orders)
        self._place = place
        self._has_desk = has_desk
        self._is_too_late = is_too_late
        self._can_requeue = can_requeue
        self._offer_no = 0

    async def join(self, call_id: str, caller: str) -> bool:
        self.told.append("join")
        return self._has_desk

    async def next_offer(self, call_id: str) -> SeatOffer:
        if not self._phones:
            await asyncio.Event().wait()
        self._offer_no += 1
        phone = self._phones.pop(0)
        return SeatOffer(self._offer_no, f"person-{phone}", phone, rings_for_s=1)

    async def missed(self, call_id: str, offer: SeatOffer, why: DialFailure) -> None:
        self.told.append(f"missed {offer.phone} {why}")

    async def accepted(self, call_id: str, offer: SeatOffer) -> bool:
        self.told.append(f"accepted {offer.phone}")
        return not self._is_too_late

    async def left(self, call_id: str, *, is_diverted: bool) -> None:
        self.told.append("diverted" if is_diverted else "left")

    async def place(self, call_id: str) -> WaitingPlace | None:
        return self._place

    async def requeue(self, call_id: str) -> bool:
        self.told.append("requeue")
        return self._can_requeue

    async def transferred(self, call_id: str, desk_id: str) -> bool:
        self.told.append(f"transferred {desk_id}")
        return True

    def went_on(self, call_id: str) -> None:
        self.told.append("went_on")

    async def ended(self, call_id: str) -> None:
        self.told.append("ended")

    async def next_order(self, call_id: str) -> SeatOrder:
        if not self._orders:
            await asyncio.Event().wait()
        order = self._orders.pop(0)
        if order.kind is SeatOrderKind.HAND_OVER:  # nobody gives it before somebody is there
            await eventually(lambda: any(state.guests for state in self.states))
        return order

    def order_failed(self, order: SeatOrder, why: DialFailure | OrderFailure) -> None:
        self.failures.append((order.kind, why.value))

    def stands(self, call_id: str, state: TalkState) -> None:
        self.states.append(state)

    def heard(self, call_id: str, side: Side, heard: Heard) -> None:
        self.words.append((side, heard.text))
