"""Calls to seats whose phone is their browser: `browser:<person_id>`."""

import re
from collections.abc import Callable

import structlog

from ivr.adapters.browser_line.call import BrowserCall, Studio
from ivr.adapters.browser_line.phones import Phones, RingFacts, SeatPhone
from ivr.adapters.counters import Count
from ivr.ports import DialFailed, DialFailure

log = structlog.get_logger(__name__)

BROWSER_PHONE = "browser:"
"""So begin the numbers of browsers; the person's id follows."""
_NUMBER = re.compile(rf"{BROWSER_PHONE}([0-9a-f]{{32}})")


class BrowserDialler:
    """Implements ivr.ports.Dialler."""

    def __init__(self, studio: Studio, phones: Phones) -> None:
        self._studio = studio
        self._phones = phones
        self.facts_of: Callable[[str], RingFacts] = lambda person_id: {}
        """What this person may see of the call that rings at him; must not block."""
        self.is_open = False
        self._live: dict[BrowserCall, SeatPhone] = {}

    @property
    def live_calls(self) -> tuple[BrowserCall, ...]:
        return tuple(self._live)

    def phone_of(self, call: BrowserCall) -> SeatPhone | None:
        return self._live.get(call)

    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> BrowserCall:
        named = _NUMBER.fullmatch(number)
        if named is None:
            raise DialFailed(DialFailure.INVALID_NUMBER, "not a browser phone")
        if not self.is_open:
            raise DialFailed(DialFailure.CONGESTED, "line closed")
        phone = self._phones.find(named.group(1))
        if phone is None:
            raise DialFailed(DialFailure.UNREACHABLE, "no browser registered")
        self._studio.counters.add(Count.CALLS_OUT)
        try:
            call = await phone.ring(call_id, self.facts_of(phone.person_id), ring_timeout_s=ring_timeout_s)
        finally:
            self._phones.forget_if_gone(phone)
        self._live[call] = phone
        call.on_ended = self._ended
        log.info("line.call.picked_up", call_id=call_id, person_id=phone.person_id)
        return call

    def _ended(self, call: BrowserCall) -> None:
        phone = self._live.pop(call)
        phone.call_ended()
        self._phones.forget_if_gone(phone)
