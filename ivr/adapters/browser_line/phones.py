"""Browsers that are the phones of seats: one for each person, and how it rings."""

import asyncio
from collections.abc import Mapping

import structlog

from ivr.adapters.browser_line.call import BrowserCall, Studio
from ivr.adapters.browser_line.messages import Answer, Closing, Decline, Message, Ringing, say
from ivr.adapters.browser_line.wire import Wire
from ivr.ports import DialFailed, DialFailure

log = structlog.get_logger(__name__)

RingFacts = Mapping[str, str]
"""What a seat may see of a call before it answers, by names that its page knows."""


class _Ring:
    """A call that rings at a browser."""

    def __init__(self, call_id: str, facts: RingFacts, ring_timeout_s: float) -> None:
        self.call_id = call_id
        self.facts = facts
        loop = asyncio.get_running_loop()
        self.ends_at = loop.time() + ring_timeout_s
        self.confirmed = asyncio.Event()
        self.answered: asyncio.Future[None] = loop.create_future()

    def fail(self, failure: DialFailure, cause: str) -> None:
        if not self.answered.done():
            self.answered.set_exception(DialFailed(failure, cause))
            self.answered.exception()  # a ring that nobody waits for any more must not complain
        self.confirmed.set()


class SeatPhone:
    """One person's browser. It keeps his call when it moves to another tab, or comes back."""

    def __init__(self, studio: Studio, person_id: str) -> None:
        self.person_id = person_id
        self._studio = studio
        self._wire: Wire | None = None
        self._ring: _Ring | None = None
        self._call: BrowserCall | None = None

    @property
    def is_idle(self) -> bool:
        return self._ring is None and self._call is None

    @property
    def is_gone(self) -> bool:
        return self._wire is None and self.is_idle

    def attach(self, wire: Wire) -> None:
        """This socket is the phone from now on; the one before is told so."""
        before, self._wire = self._wire, wire
        if before is not None:
            before.send_text(say("taken_over"))
            before.close(Closing.TAKEN_OVER, "phone.taken_over")
        wire.send_text(say("registered"))
        if self._call is not None:
            self._call.attach(wire)
        elif self._ring is not None:
            self._ring_at(wire, self._ring)

    def lost(self, wire: Wire) -> None:
        if wire is not self._wire:
            return
        self._wire = None
        if self._call is not None:
            self._call.lost(wire)
        if self._ring is not None:
            self._ring.fail(DialFailure.UNREACHABLE, "phone lost")

    def take(self, message: Message | bytes) -> None:
        match message, self._ring:
            case Ringing(call_id=call_id), _Ring() as ring if call_id == ring.call_id:
                ring.confirmed.set()
            case Answer(call_id=call_id), _Ring() as ring if call_id == ring.call_id:
                ring.confirmed.set()
                if not ring.answered.done():
                    ring.answered.set_result(None)
            case Decline(call_id=call_id), _Ring() as ring if call_id == ring.call_id:
                ring.fail(DialFailure.REJECTED, "declined")
            case Answer(call_id=call_id), _:  # crossed our `stop_ringing`: the caller was faster
                if self._wire is not None and (self._call is None or self._call.call_id != call_id):
                    self._wire.send_text(say("ended", call_id=call_id, cause="cancel"))
            case _ if self._call is not None:
                self._call.take(message)

    async def ring(self, call_id: str, facts: RingFacts, *, ring_timeout_s: float) -> BrowserCall:
        """Until it is answered; raises DialFailed. Cancelled: the ringing stops."""
        if not self.is_idle:
            raise DialFailed(DialFailure.BUSY, "phone in use")
        if self._wire is None:
            raise DialFailed(DialFailure.UNREACHABLE, "phone lost")
        ring = self._ring = _Ring(call_id, facts, ring_timeout_s)
        self._ring_at(self._wire, ring)
        cause = "cancel"
        try:
            await self._answered(ring)
        except DialFailed as failed:
            cause = failed.failure.value
            raise
        else:
            cause = ""
        finally:
            self._ring = None
            if cause and self._wire is not None:
                self._wire.send_text(say("stop_ringing", call_id=call_id, cause=cause))
        return self._connected(call_id)

    def _connected(self, call_id: str) -> BrowserCall:
        if self._wire is None:  # lost in the moment between the answer and now
            raise DialFailed(DialFailure.UNREACHABLE, "phone lost")
        line = self._studio.config.line_number
        call = self._call = BrowserCall(self._studio, call_id=call_id, caller=f"browser:{self.person_id}", line=line)
        call.pick_up()
        call.attach(self._wire)
        return call

    def call_ended(self) -> None:
        self._call = None

    def _ring_at(self, wire: Wire, ring: _Ring) -> None:
        left_s = round(ring.ends_at - asyncio.get_running_loop().time(), 1)
        wire.send_text(say("ring", call_id=ring.call_id, ring_s=left_s, **ring.facts))

    async def _answered(self, ring: _Ring) -> None:
        loop = asyncio.get_running_loop()
        confirmed_by = loop.time() + self._studio.config.ring_confirmed_within_s
        try:
            async with asyncio.timeout_at(min(confirmed_by, ring.ends_at)):
                await ring.confirmed.wait()
            async with asyncio.timeout_at(ring.ends_at):
                await asyncio.shield(ring.answered)
        except TimeoutError:
            if ring.confirmed.is_set() or ring.ends_at <= confirmed_by:
                raise DialFailed(DialFailure.NO_ANSWER, "ring timeout") from None
            raise DialFailed(DialFailure.UNREACHABLE, "phone does not ring") from None


class Phones:
    """Who can be rung."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._phones: dict[str, SeatPhone] = {}

    def __len__(self) -> int:
        return len(self._phones)

    def __contains__(self, person_id: str) -> bool:
        return person_id in self._phones

    def register(self, person_id: str, wire: Wire) -> SeatPhone:
        phone = self._phones.get(person_id)
        if phone is None:
            phone = self._phones[person_id] = SeatPhone(self._studio, person_id)
            log.info("line.phone.registered", person_id=person_id)
        phone.attach(wire)
        return phone

    def find(self, person_id: str) -> SeatPhone | None:
        return self._phones.get(person_id)

    def forget_if_gone(self, phone: SeatPhone) -> None:
        if phone.is_gone and self._phones.get(phone.person_id) is phone:
            del self._phones[phone.person_id]
            log.info("line.phone.gone", person_id=phone.person_id)
