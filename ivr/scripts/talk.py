"""The talk between a caller and a person: both hear each other, it is recorded by side, and orders are obeyed."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial

import structlog

from ivr.domain.call import HangupBy
from ivr.domain.call_record import who_hung_up
from ivr.domain.conversation import LegRole, Side
from ivr.domain.errors import CallerHungUp, RecordingFailed
from ivr.domain.hearing import Heard
from ivr.domain.prompts import Prompt
from ivr.line_ports import FoundLeg, FoundTalk
from ivr.ports import CallControl, Conversation, DialFailed
from ivr.scripts.inbound_line import InboundLine
from ivr.scripts.spoken_words import SpokenWords
from ivr.seat_ports import SUPERVISOR_ORDERS, OrderFailure, SeatOffer, SeatOrder, SeatOrderKind, SeatTools, TalkState
from kit.ids import new_id

log = structlog.get_logger(__name__)

_GUEST_RINGS_S = 45.0
_SUPERVISOR_RINGS_S = 20.0
_SUPERVISORS = {
    SeatOrderKind.LISTEN: LegRole.LISTENER,
    SeatOrderKind.WHISPER: LegRole.WHISPERER,
    SeatOrderKind.BARGE: LegRole.AGENT,
}


class TalkEnd(StrEnum):
    DONE = "done"
    LEG_LOST = "leg_lost"  # the person's telephone broke; the caller is still there
    TRANSFERRED = "transferred"  # to another desk's line; the caller is still there


class Talk:
    """One per call, also when its person changes: then the same recording goes on."""

    def __init__(self, line: InboundLine, seats: SeatTools, going_on: Conversation | None = None) -> None:
        """`going_on`: one that a predecessor of this process began."""
        self._line = line
        self._seats = seats
        self._call_id = line.call.call_id
        self._conversation = going_on or seats.switchboard.open_conversation(self._call_id)
        self._state = TalkState()
        self._guests: dict[str, CallControl] = {}
        self._supervisors: dict[str, CallControl] = {}
        self._doors: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By number: nobody is rung twice at once."""
        self._words: dict[Side, SpokenWords] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._is_handed_over = False
        self.transfer_to: str | None = None
        """The desk to whose line the caller was sent."""

    async def hold(self, offer: SeatOffer, leg: CallControl) -> TalkEnd:
        """From the moment both are on the line until one of them is gone. Raises CallerHungUp."""
        await self._conversation.join(self._line.call, LegRole.CITIZEN)
        try:
            await self._conversation.join(leg, LegRole.AGENT)
        except CallerHungUp:
            return await self._without_leg(leg)
        await self._begin(offer, leg)
        return await self._go_on(leg)

    async def take_up(self, found: FoundTalk) -> TalkEnd:
        """They talk already, and a process that is gone has begun it. Raises CallerHungUp."""
        person = self._sort(found.others)
        try:
            await self._begin_recording()
            self._begin_listening()
            self._stand(
                is_held=found.is_held,
                is_muted=person is not None and person.is_muted,
                is_recording_paused=found.is_recording_paused,
                guests=tuple(self._guests),
            )
            if self._line.call.end_cause is not None:
                raise CallerHungUp
            if person is not None:
                return await self._go_on(person.call)
            if self._guests:  # handed over, and his person writes already
                return await self._go_on(None)
        finally:
            if person is not None:
                await person.call.hang_up()
        await self._conversation.leave(self._line.call)
        return TalkEnd.LEG_LOST  # while nobody looked: of his telephone's death more often than by his will

    def _sort(self, others: Sequence[FoundLeg]) -> FoundLeg | None:
        """Who of them is the person; the rest is known by number again."""
        known = self._line.record.person_leg  # a supervisor who barged in has the same role
        agents = [leg for leg in others if leg.role is LegRole.AGENT and known in (None, leg.call.call_id)]
        person = agents[0] if agents else None
        for leg in others:
            if leg.role is LegRole.THIRD_PARTY:
                self._guests[leg.call.caller] = leg.call
            elif leg is not person:
                self._supervisors[leg.call.caller] = leg.call
        return person

    async def _go_on(self, leg: CallControl | None) -> TalkEnd:
        obeying = asyncio.create_task(self._obey(leg)) if leg is not None else None
        try:
            return await self._until_departure(leg)
        finally:
            if leg is not None and obeying is not None:
                obeying.cancel()
                await leg.hang_up()

    async def _begin(self, offer: SeatOffer, leg: CallControl) -> None:
        self.transfer_to, self._is_handed_over = None, False
        record, now = self._line.record, self._line.hotline.clock.now()
        began_at = record.talk_started_at or now
        record = replace(record, talk_started_at=began_at, person_id=offer.person_id, person_leg=leg.call_id)
        await self._line.note(record)
        if not self._words:
            await self._begin_recording()
            self._begin_listening()
        self._stand(is_held=False, is_muted=False, guests=tuple(self._guests))  # who is still there is also shown

    async def _begin_recording(self) -> None:
        folder = self._line.journal.talk_folder
        try:
            if folder is None:
                raise RecordingFailed("there is no disk for it")
            await self._conversation.start_recording(folder)
        except RecordingFailed:
            log.exception("ivr.talk.not_recorded")  # the talk goes on; its person sees that it is not recorded
        else:
            self._stand(is_recording=True)

    def _begin_listening(self) -> None:
        listener, exchange = self._line.hotline.listener, self._seats.exchange
        danger = self._line.danger_ear()

        async def from_citizen(heard: Heard) -> None:
            exchange.heard(self._call_id, Side.CITIZEN, heard)
            await danger.take(heard)

        async def from_agent(heard: Heard) -> None:
            exchange.heard(self._call_id, Side.AGENT, heard)

        self._words = {
            Side.CITIZEN: SpokenWords(listener, from_citizen),
            Side.AGENT: SpokenWords(listener, from_agent),
        }
        self._conversation.on_sound = lambda side, pcm: self._words[side].hear(pcm)

    async def _until_departure(self, leg: CallControl | None) -> TalkEnd:
        """`leg` None: handed over already."""
        while True:
            gone = await self._conversation.next_departure()
            if gone is self._line.call:
                raise CallerHungUp
            if gone is leg and self._is_handed_over and self._guests:
                await self._seats.exchange.ended(self._call_id)  # he writes; they talk on
                continue
            if gone is leg:
                return await self._without_leg(leg)
            self._forget_guest(gone)
            if (leg is None or leg.end_cause is not None) and not self._guests:
                return await self._without_leg(leg)

    async def _without_leg(self, leg: CallControl | None) -> TalkEnd:
        """Raises CallerHungUp: after a cut both may be found gone at once."""
        if self._line.call.end_cause is not None:
            raise CallerHungUp
        await self._conversation.leave(self._line.call)
        if self.transfer_to is not None:
            return TalkEnd.TRANSFERRED
        if leg is None:
            return TalkEnd.DONE
        is_lost = who_hung_up(leg.end_cause) is HangupBy.NETWORK and not self._is_handed_over
        return TalkEnd.LEG_LOST if is_lost else TalkEnd.DONE

    def let_go(self) -> None:
        """Of a talk that goes on without this process: nobody is told anything."""
        for errand in self._errands:
            errand.cancel()
        for words in self._words.values():
            words.stop()
        self._conversation.on_sound = None

    async def close(self) -> None:
        """Everybody but the caller is gone afterwards; what was recorded is noted in the journal."""
        self.let_go()
        with contextlib.suppress(RecordingFailed):  # the hub has said so; filing takes what there is
            await self._conversation.stop_recording()
        await self._conversation.close()
        for guest in (*self._guests.values(), *self._supervisors.values()):
            await guest.hang_up()
        if self._line.record.talk_started_at is not None:
            await self._line.note(replace(self._line.record, talk_ended_at=self._line.hotline.clock.now()))

    # ---- orders

    async def _obey(self, leg: CallControl) -> None:
        while True:
            order = await self._seats.exchange.next_order(self._call_id)
            log.info("ivr.talk.order", order=order.kind.value)
            if self._state.failed_order is not None:
                self._stand(failed_order=None)
            try:
                await self._do(order, leg)
            except Exception:
                log.exception("ivr.talk.order_failed", order=order.kind.value)
                self._seats.exchange.order_failed(order, OrderFailure.FAILED)
                if order.kind not in SUPERVISOR_ORDERS:
                    self._stand(failed_order=order.kind.value)

    async def _do(self, order: SeatOrder, leg: CallControl) -> None:
        citizen, conversation = self._line.call, self._conversation
        match order.kind:
            case SeatOrderKind.HOLD:
                await conversation.hold(citizen, self._line.hotline.prompts.clips(Prompt.HOLD_MUSIC))
                self._stand(is_held=True)
            case SeatOrderKind.RESUME:
                await conversation.resume(citizen)
                self._stand(is_held=False)
            case SeatOrderKind.MUTE | SeatOrderKind.UNMUTE:
                is_muted = order.kind is SeatOrderKind.MUTE
                await conversation.mute(leg, is_muted=is_muted)
                self._stand(is_muted=is_muted)
            case SeatOrderKind.PAUSE_RECORDING | SeatOrderKind.RESUME_RECORDING:
                is_paused = order.kind is SeatOrderKind.PAUSE_RECORDING
                await conversation.pause_recording(is_paused=is_paused)
                self._stand(is_recording_paused=is_paused)
            case _:
                await self._regroup(order, leg)

    async def _regroup(self, order: SeatOrder, leg: CallControl) -> None:
        """Who comes in, and who goes."""
        match order.kind:
            case SeatOrderKind.INVITE:
                self._run(order, partial(self._invite, order))
            case SeatOrderKind.REMOVE_GUEST:
                await self._remove_guest(order.target)
            case SeatOrderKind.HANG_UP:
                await leg.hang_up()
            case SeatOrderKind.HAND_OVER:
                if self._guests:
                    self._is_handed_over = True
                    await leg.hang_up()
            case SeatOrderKind.TRANSFER:
                self.transfer_to = order.target
                await leg.hang_up()
            case supervisor:
                self._run(order, partial(self._supervise, order, _SUPERVISORS[supervisor]))

    def _run(self, order: SeatOrder, errand: Callable[[], Awaitable[None]]) -> None:
        """What takes its time, like dialling: the next order does not wait for it."""

        async def guarded() -> None:
            try:
                await errand()
            except asyncio.CancelledError:
                self._seats.exchange.order_failed(order, OrderFailure.TALK_OVER)
                raise
            except Exception:
                log.exception("ivr.talk.errand_failed", order=order.kind.value)
                self._seats.exchange.order_failed(order, OrderFailure.FAILED)

        task = asyncio.create_task(guarded())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _invite(self, order: SeatOrder) -> None:
        target = order.target
        door = self._doors[target]
        if target in self._guests or door.locked():
            return
        ringing = {number for number, other in self._doors.items() if other.locked()}
        if len(ringing | self._guests.keys()) >= self._seats.policy.guests_max:
            self._stand(failed_guest=f"{target}: {OrderFailure.TOO_MANY}")
            self._seats.exchange.order_failed(order, OrderFailure.TOO_MANY)
            return
        async with door:
            await self._ring_guest(target)

    async def _ring_guest(self, target: str) -> None:
        try:
            guest = await self._seats.dialler.dial(target, call_id=new_id(), ring_timeout_s=_GUEST_RINGS_S)
        except DialFailed as failed:
            self._stand(failed_guest=f"{target}: {failed.failure}")
            return
        self._guests[target] = guest
        has_come = await self._bring_in(guest, LegRole.THIRD_PARTY)
        failed_guest = None if has_come else f"{target}: {OrderFailure.HUNG_UP}"
        self._stand(guests=tuple(self._guests), failed_guest=failed_guest)

    async def _remove_guest(self, target: str) -> None:
        guest = self._guests.pop(target, None)
        if guest is not None:
            await self._conversation.leave(guest)
            await guest.hang_up()
            self._stand(guests=tuple(self._guests))

    async def _supervise(self, order: SeatOrder, role: LegRole) -> None:
        phone = order.target
        supervisor = self._supervisors.get(phone)
        if supervisor is None or supervisor.end_cause is not None:
            try:
                supervisor = await self._seats.dialler.dial(phone, call_id=new_id(), ring_timeout_s=_SUPERVISOR_RINGS_S)
            except DialFailed as failed:
                log.info("ivr.talk.supervisor_not_reached", failure=failed.failure.value)
                self._seats.exchange.order_failed(order, failed.failure)
                return
            self._supervisors[phone] = supervisor
        if not await self._bring_in(supervisor, role):
            self._seats.exchange.order_failed(order, OrderFailure.HUNG_UP)

    async def _bring_in(self, leg: CallControl, role: LegRole) -> bool:
        """False: he had hung up in that moment."""
        try:
            await self._conversation.join(leg, role)
        except CallerHungUp:
            self._forget_guest(leg)
            return False
        return True

    def _forget_guest(self, gone: CallControl) -> None:
        for known in (self._guests, self._supervisors):
            for name in [name for name, leg in known.items() if leg is gone]:
                del known[name]
        self._stand(guests=tuple(self._guests))

    def _stand(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
        self._seats.exchange.stands(self._call_id, self._state)
