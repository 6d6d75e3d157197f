"""The talk between a caller and a person: both hear each other, it is recorded by side, and orders are obeyed."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
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
from ivr.ports import CallControl, Conversation, DialFailed
from ivr.scripts.inbound_line import InboundLine
from ivr.scripts.spoken_words import SpokenWords
from ivr.seat_ports import OrderFailure, SeatOffer, SeatOrder, SeatOrderKind, SeatTools, TalkState
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

    def __init__(self, line: InboundLine, seats: SeatTools) -> None:
        self._line = line
        self._seats = seats
        self._call_id = line.call.call_id
        self._conversation: Conversation = seats.switchboard.open_conversation(self._call_id)
        self._state = TalkState()
        self._guests: dict[str, CallControl] = {}
        self._supervisors: dict[str, CallControl] = {}
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
        await self._begin(offer)
        obeying = asyncio.create_task(self._obey(leg))
        try:
            return await self._until_departure(leg)
        finally:
            obeying.cancel()
            await leg.hang_up()

    async def _begin(self, offer: SeatOffer) -> None:
        self.transfer_to, self._is_handed_over = None, False
        record, now = self._line.record, self._line.hotline.clock.now()
        began_at = record.talk_started_at or now
        await self._line.note(replace(record, talk_started_at=began_at, person_id=offer.person_id))
        if not self._words:
            await self._begin_recording()
            self._begin_listening()
        self._stand(is_held=False, is_muted=False, guests=())

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

    async def _until_departure(self, leg: CallControl) -> TalkEnd:
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
            if leg.end_cause is not None and not self._guests:
                return await self._without_leg(leg)

    async def _without_leg(self, leg: CallControl) -> TalkEnd:
        await self._conversation.leave(self._line.call)
        if self.transfer_to is not None:
            return TalkEnd.TRANSFERRED
        is_lost = who_hung_up(leg.end_cause) is HangupBy.NETWORK and not self._is_handed_over
        return TalkEnd.LEG_LOST if is_lost else TalkEnd.DONE

    async def close(self) -> None:
        """Everybody but the caller is gone afterwards; what was recorded is noted in the journal."""
        for errand in self._errands:
            errand.cancel()
        for words in self._words.values():
            words.stop()
        self._conversation.on_sound = None
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
            try:
                await self._do(order, leg)
            except Exception:
                log.exception("ivr.talk.order_failed", order=order.kind.value)
                self._seats.exchange.order_failed(order, OrderFailure.FAILED)

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
                self._run(order, partial(self._invite, order.target))
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

    async def _invite(self, target: str) -> None:
        if target in self._guests:
            return
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
