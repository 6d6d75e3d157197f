"""From the caller's hang-up to his ticket on the agent's socket, in a whole running hotline.

The caller is the test phone: it knows the very moment at which its BYE leaves. Before the first measured
message one is left that does not count: it forks the worker's horse and warms the caches.
"""

import asyncio
import time
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.bench.figures import Aim, Figure, percentile
from app.bootstrap import Services, build_services
from app.demo.house import House
from app.demo.seat import Seat, signed_in_seat
from app.demo.story import SAID
from app.demo.voice import synthesise
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.embedded_sip.ear import Ear
from ivr.ports import Clip
from kit.errors import Unavailable
from kit.ids import new_id

_AGENT = "agent-a"
_AIM_MS = 300
_DIAL_EVERY_S = 2.0
_CUE_WITHIN_S = 30.0
_TICKET_WITHIN_S = 60.0
_BETWEEN_KEYS_S = 0.6  # the line takes the same key sooner for the same press
_REST_S = 0.3


class TicketMissing(Unavailable):
    code = "bench.ticket_missing"


@dataclass(frozen=True, slots=True)
class Instant:
    """The same moment on two clocks: one to measure by, one to compare with what other processes noted."""

    steady_s: float
    wall_s: float

    @classmethod
    def now(cls) -> "Instant":
        return cls(time.monotonic(), time.time())


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message's way to the seat; all in milliseconds. The steps add up to `total`."""

    total: float
    ended: float
    """Hang-up → the call's end noted, its recording durable."""
    taken: float
    """→ filed, queued, taken by the worker."""
    recognition: float
    opened: float
    """→ transcript stored, ticket made and offered."""
    shown: float
    """→ committed, and read from the seat's socket."""

    @classmethod
    def of(
        cls, hung_up: Instant, ended_at: datetime, heard_at: datetime, took_ms: int, opened_at: datetime, seen: Instant
    ) -> "Delivery":
        """`heard_at`: when the transcript was complete, after `took_ms` of recognition."""
        ended_s, heard_s, opened_s = (at.timestamp() for at in (ended_at, heard_at, opened_at))
        return cls(
            total=1000 * (seen.steady_s - hung_up.steady_s),
            ended=1000 * (ended_s - hung_up.wall_s),
            taken=1000 * (heard_s - ended_s) - took_ms,
            recognition=took_ms,
            opened=1000 * (opened_s - heard_s),
            shown=1000 * (seen.wall_s - opened_s),
        )

    @property
    def beyond_recognition(self) -> float:
        return self.total - self.recognition


def measure_ticket_delay(house: House, folder: Path, *, messages: int = 20) -> list[Figure]:
    """Messages overlap while they are spoken; each hang-up waits until the ticket before it has arrived."""
    voice = folder / "voice.wav"
    synthesise(SAID, voice)
    deliveries = asyncio.run(_deliveries(house, voice, messages + 1))[1:]
    return _figures(deliveries, voice)


def _figures(deliveries: Sequence[Delivery], voice: Path) -> list[Figure]:
    with wave.open(str(voice), "rb") as sound:
        voice_s = sound.getnframes() / sound.getframerate()

    def of(name: str, share: float) -> float:
        return round(percentile([getattr(each, name) for each in deliveries], share), 1)

    steps = {
        "ended": "hang-up → call's end noted, recording durable",
        "taken": "→ filed, queued, taken by the worker",
        "recognition": "→ recognised",
        "opened": "→ transcript stored, ticket made",
        "shown": "→ committed, read from the agent's socket",
    }
    beyond = of("beyond_recognition", 0.95)
    return [
        Figure("ticket_messages", f"messages of {voice_s:.1f} s", len(deliveries), "messages"),
        Figure("ticket_delay_p50_ms", "hang-up → ticket on the socket, p50", of("total", 0.5), "ms"),
        Figure("ticket_delay_p95_ms", "hang-up → ticket on the socket, p95", of("total", 0.95), "ms"),
        Figure("ticket_beyond_p50_ms", "beyond the recognition itself, p50", of("beyond_recognition", 0.5), "ms"),
        Figure("ticket_beyond_p95_ms", "beyond the recognition itself, p95", beyond, "ms", Aim.below(_AIM_MS)),
        *(Figure(f"ticket_step_{name}_p50_ms", f"  {text}, p50", of(name, 0.5), "ms") for name, text in steps.items()),
    ]


async def _deliveries(house: House, voice: Path, messages: int) -> list[Delivery]:
    async with signed_in_seat(house.url, _AGENT, house.passwords[_AGENT]) as seat, _watched(seat) as arrivals:
        turn = asyncio.Lock()
        async with asyncio.TaskGroup() as calling:
            calls = []
            for number in range(messages):
                caller = f"139{number + 1:08}"
                calls.append(calling.create_task(_leave_message(house, caller, voice, arrivals, turn)))
                await asyncio.sleep(_DIAL_EVERY_S)
        services = build_services(house.settings)
        return [await _delivery(services, seat, *call.result()) for call in calls]


async def _leave_message(
    house: House, caller: str, voice: Path, arrivals: "asyncio.Queue[_Arrival]", turn: asyncio.Lock
) -> tuple[str, Instant, "_Arrival"]:
    """Call, press 1 twice (menu, announcement), speak after the beep, hang up when it is our turn."""
    config = EmbeddedSipConfig(
        host="127.0.0.1", port=0, rtp_port_min=25000, rtp_port_max=29999, max_calls=1, line_number=caller
    )
    phone = EmbeddedSipLine(config)
    await phone.start()
    try:
        call = await phone.dialler.place(house.sip_uri, call_id=new_id(), ring_timeout_s=_CUE_WITHIN_S)
        await _reach_beep(call)
        await call.play([Clip("voice", voice)], interrupt_on="")
        async with turn:
            hung_up = Instant.now()
            await call.hang_up()
            try:
                arrival = await asyncio.wait_for(arrivals.get(), _TICKET_WITHIN_S)
            except TimeoutError:
                raise TicketMissing(f"no ticket within {_TICKET_WITHIN_S:.0f} s of the hang-up") from None
            await asyncio.sleep(_REST_S)  # until the books of this call are closed
        return caller, hung_up, arrival
    finally:
        await phone.stop()


async def _reach_beep(call: SipCall) -> None:
    ear = Ear()
    call.stream.start_hearing()
    call.audio.on_sound = ear.hear
    await call.stream.send_key("1")
    await asyncio.sleep(_BETWEEN_KEYS_S)
    ear.start_over()
    await call.stream.send_key("1")
    await asyncio.wait_for(ear.beeped.wait(), _CUE_WITHIN_S)
    call.stream.stop_hearing()


# ---- the seat's side


@dataclass(frozen=True, slots=True)
class _Arrival:
    event: dict[str, Any]
    at: Instant


@asynccontextmanager
async def _watched(seat: Seat) -> AsyncIterator["asyncio.Queue[_Arrival]"]:
    """Offers as they arrive at the seat, which accepts each of them."""
    arrivals: asyncio.Queue[_Arrival] = asyncio.Queue()

    async def watch() -> None:
        async with asyncio.TaskGroup() as accepting:
            while True:
                event = await seat.next_event("ticket.offered", _TICKET_WITHIN_S)
                arrivals.put_nowait(_Arrival(event, Instant.now()))
                accepting.create_task(_accept(seat, event["ticket_id"]))

    watching = asyncio.create_task(watch())
    try:
        yield arrivals
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _accept(seat: Seat, ticket_id: str) -> None:
    page = await seat.get(f"/tickets/{ticket_id}")
    await seat.post(f"/tickets/{ticket_id}/accept", {"offer_no": page["ticket"]["offer_no"]})


async def _delivery(services: Services, seat: Seat, caller: str, hung_up: Instant, arrival: _Arrival) -> Delivery:
    """What the hotline itself noted of the way; raises TicketMissing when the ticket is another caller's."""
    page = await seat.get(f"/tickets/{arrival.event['ticket_id']}")
    if not page["call"]["caller"].endswith(caller):
        raise TicketMissing("the ticket that arrived belongs to another call")
    transcript = await asyncio.to_thread(services.asr.transcript, page["recording"]["id"])
    if transcript is None or transcript.failure_code:
        raise TicketMissing("the ticket came without a transcript")
    return Delivery.of(
        hung_up,
        ended_at=datetime.fromisoformat(page["call"]["ended_at"]),
        heard_at=transcript.created_at,
        took_ms=transcript.took_ms,
        opened_at=datetime.fromisoformat(arrival.event["at"]),
        seen=arrival.at,
    )
