"""How quickly a person is reached, and how far his ear is from the caller's mouth, in a whole running hotline.

Caller and seat are test phones of this process: they know the very moment at which a key leaves, a phone rings, a
sound begins. The same two phones are also connected directly, so that what they and the machine cost is known.
"""

import asyncio
import time
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from app.bench.figures import Aim, Figure, percentile
from app.demo.house import House
from app.demo.seat import Seat, signed_in_seat
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.embedded_sip.ear import Ear
from ivr.adapters.sound import encode
from ivr.ports import SAMPLE_RATE, CallControl
from kit.errors import Unavailable
from kit.ids import new_id

_AGENT = "agent-a"
_AIM_RING_MS = 300.0
_AIM_EAR_MS = 60.0
_CUE_WITHIN_S = 30.0
_CALLS = 20
_BEEPS = 15
_BETWEEN_BEEPS_S = 0.4
_LOUD = 3000


class SeatNotReached(Unavailable):
    code = "bench.seat_not_reached"


@dataclass
class SeatPhone:
    """A telephone that picks up at once, and notes when it rang and when it heard something."""

    line: EmbeddedSipLine
    rang: "asyncio.Queue[float]" = field(default_factory=asyncio.Queue)
    call: SipCall | None = None
    onsets: list[float] = field(default_factory=list)
    _was_loud: bool = False

    async def take(self, call: CallControl) -> None:
        self.rang.put_nowait(time.monotonic())
        assert isinstance(call, SipCall)
        await call.answer()
        self.call = call
        call.audio.on_sound = self._hear
        call.stream.start_hearing()
        over = asyncio.Event()
        call.audio.on_over = over.set
        await over.wait()

    def _hear(self, pcm: bytes) -> None:
        is_loud = max(map(abs, array("h", pcm)), default=0) > _LOUD
        if is_loud and not self._was_loud:
            self.onsets.append(time.monotonic())
        self._was_loud = is_loud


def measure_seat_delay(house: House) -> list[Figure]:
    """Calls one after the other, so that nobody waits for another."""
    rings, through, direct = asyncio.run(_measure(house))
    added = percentile(through, 0.5) - percentile(direct, 0.5)
    return [
        Figure("seat_calls", "calls that pressed 0", len(rings), "calls"),
        Figure("seat_ring_p50_ms", "0 pressed → the seat's telephone rings, p50", round(percentile(rings, 0.5)), "ms"),
        Figure(
            "seat_ring_p95_ms", "0 pressed → the seat's telephone rings, p95", round(percentile(rings, 0.95)), "ms",
            Aim.below(_AIM_RING_MS),
        ),
        Figure("ear_direct_p50_ms", "mouth → ear, the two phones alone, p50", round(percentile(direct, 0.5)), "ms"),
        Figure("ear_through_p50_ms", "mouth → ear, through the hotline, p50", round(percentile(through, 0.5)), "ms"),
        Figure("ear_added_ms", "mouth → ear, added by the hotline", round(added), "ms", Aim.below(_AIM_EAR_MS)),
    ]  # fmt: skip


async def _measure(house: House) -> tuple[list[float], list[float], list[float]]:
    async with (
        phone_line("801") as seat_line,
        phone_line("13900000001") as caller,
        signed_in_seat(house.url, _AGENT, house.passwords[_AGENT]) as seat,
    ):
        phone = SeatPhone(seat_line)
        seat_line.on_call = phone.take
        address = f"sip:801@127.0.0.1:{seat_line.port}"
        direct = await _ear_delays(phone, await caller.dialler.place(address, call_id=new_id(), ring_timeout_s=10))
        await seat.put("/me/phone", {"phone": address})
        rings, through = [], []
        for number in range(_CALLS + 1):
            ring_ms, call = await reach(house, caller, phone)
            if number == _CALLS:
                through = await _ear_delays(phone, call)
            else:
                rings.append(ring_ms)
                await call.hang_up()
            await wrap_up(seat)
        await seat.put("/me/phone", {"phone": None})
        return rings, through, direct


@asynccontextmanager
async def phone_line(number: str) -> AsyncIterator[EmbeddedSipLine]:
    line = EmbeddedSipLine(
        EmbeddedSipConfig(host="127.0.0.1", port=0, rtp_port_min=25000, rtp_port_max=29999, line_number=number)
    )
    await line.start()
    try:
        yield line
    finally:
        await line.stop()


async def reach(house: House, caller: EmbeddedSipLine, phone: SeatPhone) -> tuple[float, SipCall]:
    """Call, press 0 at the first word of the greeting, wait until the seat's telephone rings; in ms, and the call."""
    while not phone.rang.empty():
        phone.rang.get_nowait()
    call = await caller.dialler.place(house.sip_uri, call_id=new_id(), ring_timeout_s=_CUE_WITHIN_S)
    ear = Ear()
    call.stream.start_hearing()
    call.audio.on_sound = ear.hear
    await asyncio.wait_for(ear.heard.wait(), _CUE_WITHIN_S)
    pressed_at = time.monotonic()
    released = asyncio.ensure_future(call.stream.send_key("0"))
    try:
        rang_at = await asyncio.wait_for(phone.rang.get(), _CUE_WITHIN_S)
    except TimeoutError:
        raise SeatNotReached(f"no ring within {_CUE_WITHIN_S:.0f} s") from None
    await released
    return 1000 * (rang_at - pressed_at), call


async def _ear_delays(phone: SeatPhone, call: SipCall) -> list[float]:
    """Milliseconds from each beep of the caller to its beginning at the seat's ear."""
    await asyncio.sleep(1)  # until both are connected, and nothing else is to be heard
    beep = encode(_tone(0.1), call.stream.encoding)
    delays = []
    for _ in range(_BEEPS):
        phone.onsets.clear()
        said_at = time.monotonic()
        call.stream.play(beep)
        await asyncio.sleep(_BETWEEN_BEEPS_S)
        if phone.onsets:
            delays.append(1000 * (phone.onsets[0] - said_at))
    await call.hang_up()
    if len(delays) < _BEEPS // 2:
        raise SeatNotReached("the seat does not hear the caller")
    return delays


async def wrap_up(seat: Seat) -> None:
    async with asyncio.timeout(_CUE_WITHIN_S):
        while (mine := await seat.get("/seat-calls/mine")) is None or mine["status"] != "wrap_up":
            await seat.next_event("seat_call.changed", _CUE_WITHIN_S)
    await seat.post(f"/seat-calls/{mine['call_id']}/wrap-up", {"code": "answered"})


def _tone(seconds: float) -> bytes:
    moments = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * 1000 * moments) * 12000).astype("<i2").tobytes()
