"""A caller who wants a person, read from top to bottom: into the line, music, a phone that rings, the talk."""

import asyncio
from dataclasses import dataclass

import structlog

from ivr.domain.menu import BUSY_MENU, Wish
from ivr.domain.prompts import Prompt
from ivr.ports import CallControl, DialFailed
from ivr.scripts.inbound_line import InboundLine
from ivr.scripts.talk import Talk, TalkEnd
from ivr.seat_ports import SeatOffer, SeatTools, WaitingPlace
from kit.ids import new_id

log = structlog.get_logger(__name__)

_MOST_SPOKEN = 9
"""Places and minutes beyond it are told in words."""
_WAITING_KEYS = {"1": Wish.MESSAGE, "2": Wish.CALLBACK}


@dataclass(frozen=True, slots=True)
class Reached:
    """A person who has picked up."""

    offer: SeatOffer
    leg: CallControl


async def reach_a_person(line: InboundLine) -> Wish | None:
    """What the caller wants instead; Wish.AGENT: he has talked with a person; None: he wants nothing more.

    Raises CallerHungUp.
    """
    seats = line.hotline.seats
    call_id = line.call.call_id
    if seats is None or not await seats.exchange.join(call_id, line.record.start.caller):
        return await line.choose(BUSY_MENU)
    talk = Talk(line, seats)
    is_diverted = False
    try:
        opening = Prompt.SEAT_CONNECTING
        while True:
            reached = await _wait_for_somebody(line, seats, opening)
            if not isinstance(reached, Reached):
                is_diverted = True
                return reached
            line.unlimit(seats.policy.talk_max_s)
            end = await talk.hold(reached.offer, reached.leg)
            if end is TalkEnd.DONE:
                return Wish.AGENT
            if not await _stands_in_line(end, talk, seats, call_id):
                return await line.choose(BUSY_MENU)
            opening = Prompt.SEAT_LOST if end is TalkEnd.LEG_LOST else Prompt.SEAT_CONNECTING
    finally:
        await asyncio.shield(_leave(talk, seats, call_id, is_diverted=is_diverted))


async def _stands_in_line(end: TalkEnd, talk: Talk, seats: SeatTools, call_id: str) -> bool:
    """Again, after his person's telephone broke or sent him on. False: the books are away."""
    if end is TalkEnd.TRANSFERRED and talk.transfer_to is not None:
        return await seats.exchange.transferred(call_id, talk.transfer_to)
    return await seats.exchange.requeue(call_id)


async def _leave(talk: Talk, seats: SeatTools, call_id: str, *, is_diverted: bool) -> None:
    """Out of the line and out of the talk, in whichever of them he was."""
    try:
        await talk.close()
    finally:
        await seats.exchange.left(call_id, is_diverted=is_diverted)
        await seats.exchange.ended(call_id)


async def _wait_for_somebody(line: InboundLine, seats: SeatTools, opening: Prompt) -> Reached | Wish | None:
    """Music for the caller while people are asked; whichever comes first."""
    finding = asyncio.create_task(_find_somebody(line.call.call_id, seats))
    waiting = asyncio.create_task(_pass_the_time(line, seats, opening))
    reached: Reached | None = None
    try:
        await asyncio.wait((finding, waiting), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():  # also when both are: he has hung up, or wants something else
            return waiting.result()
        reached = finding.result()
        return reached
    finally:
        for task in (finding, waiting):
            task.cancel()
        found, _ = await asyncio.gather(finding, waiting, return_exceptions=True)
        if isinstance(found, Reached) and reached is None:
            await found.leg.hang_up()  # nobody shall sit on a dead line


async def _find_somebody(call_id: str, seats: SeatTools) -> Reached:
    """Ring one phone after the other until somebody picks up."""
    while True:
        offer = await seats.exchange.next_offer(call_id)
        try:
            leg = await seats.dialler.dial(offer.phone, call_id=new_id(), ring_timeout_s=offer.rings_for_s)
        except DialFailed as failed:
            log.info("ivr.seat_call.not_answered", offer_no=offer.offer_no, failure=failed.failure.value)
            await seats.exchange.missed(call_id, offer, failed.failure)
            continue
        try:
            if await seats.exchange.accepted(call_id, offer):
                return Reached(offer, leg)
        except BaseException:  # the caller hung up just now: nobody shall sit on a dead line
            await leg.hang_up()
            raise
        await leg.hang_up()


async def _pass_the_time(line: InboundLine, seats: SeatTools, opening: Prompt) -> Wish | None:
    """Until he presses a key. After the limit he is asked; who says nothing keeps his place."""
    key = await line.say(opening, interrupt_on="12")
    clock = asyncio.get_running_loop()
    asked_at = clock.time()
    while key is None:
        key = await _play_music(line, seats.policy.announce_every_s)
        if key is None and clock.time() - asked_at >= seats.policy.limit_s:
            wish = await line.choose(BUSY_MENU)
            if wish is not None:
                return wish
            asked_at = clock.time()
        elif key is None:
            key = await _tell_place(line, await seats.exchange.place(line.call.call_id))
    return _WAITING_KEYS[key]


async def _play_music(line: InboundLine, seconds: float) -> str | None:
    try:
        async with asyncio.timeout(seconds):
            while True:
                key = await line.say(Prompt.HOLD_MUSIC, interrupt_on="12")
                if key is not None:
                    return key
    except TimeoutError:
        return None


async def _tell_place(line: InboundLine, place: WaitingPlace | None) -> str | None:
    if place is None:
        return None
    parts = [Prompt.QUEUE_LONG]
    if place.number <= _MOST_SPOKEN:
        parts = [Prompt.QUEUE_NUMBER, Prompt(f"digit_{place.number}"), Prompt.QUEUE_PLACE]
    if place.wait_s is not None:
        minutes = max(1, round(place.wait_s / 60))
        is_long = minutes > _MOST_SPOKEN
        about = [Prompt.QUEUE_WAIT, Prompt(f"digit_{minutes}"), Prompt.QUEUE_MINUTES] if not is_long else []
        parts += about or [Prompt.QUEUE_WAIT_LONG]
    return await line.say(*parts, Prompt.QUEUE_CHOICES, interrupt_on="12")
