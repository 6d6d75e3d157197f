"""The whole story once, with real parts: a citizen's telephone, a seat, a callback, a rating.

Nothing in here knows the outcome beforehand: each step waits for what the hotline really did, and the
first that does not happen ends the story with `ok: false`.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.demo.baresip import phone_ports
from app.demo.citizen import VOICE, Citizen, Sound, citizen_at, spoken
from app.demo.house import House, hotline_house
from app.demo.seat import Seat, signed_in_seat
from app.demo.voice import character_error_rate
from kit.errors import Unavailable

SAID = "你好我想反映人民路的路灯坏了晚上很黑请尽快派人来修谢谢"


class StoryBroke(Unavailable):
    code = "demo.story_broke"


@dataclass
class Story:
    """What has happened so far; `tell` is called with each finished step."""

    tell: Callable[[str, str, float], None]
    steps: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def step(self, name: str, text: str) -> None:
        """A step has truly happened; its time is that since the step before, in seconds."""
        now = time.monotonic()
        self.steps[name], self._last = round(now - self._last, 3), now
        self.tell(name, text, self.steps[name])


async def tell_story(folder: Path, story: Story) -> None:
    """Play it in `folder`; raises what went wrong. Everything started is stopped at the end."""
    voice = await asyncio.to_thread(spoken, SAID, folder / "voice.wav")
    story.step("voice_synthesised", f"the citizen's voice ({VOICE}) is ready")
    ports = phone_ports()
    with hotline_house(folder / "house", trunk_port=ports.sip) as house:
        story.step("started", f"the hotline runs: {house.url}, {house.sip_uri}")
        async with AsyncExitStack() as stack:
            citizen = await stack.enter_async_context(citizen_at(folder / "phone", ports))
            seat_a, seat_b = [
                await stack.enter_async_context(signed_in_seat(house.url, login, house.passwords[login]))
                for login in ("agent-a", "agent-b")
            ]
            story.step("seats_signed_in", "A and B sit at their seat")
            await _citizen_calls(story, house, citizen, voice)
            ticket_id = await _seats_receive(story, seat_a, seat_b)
            await _seat_works(story, seat_b, ticket_id)
            await _citizen_rates(story, citizen)
            await _ticket_closes(story, seat_b, ticket_id)
    story.step("stopped", "everything stopped, no process left")


async def _citizen_calls(story: Story, house: House, citizen: Citizen, voice: Sound) -> None:
    phone, dialled_at = citizen.phone, time.monotonic()
    await phone.dial(house.sip_uri)
    await phone.wait_for("CALL_RINGING", timeout_s=5)
    story.step("ringing", "ringing")
    await phone.wait_for("CALL_ESTABLISHED", timeout_s=10)
    story.facts["answer_ms"] = round((time.monotonic() - dialled_at) * 1000)
    story.step("answered", f"answered {story.facts['answer_ms']} ms after dialling")
    ear = await citizen.choose("1")
    story.step("pressed_1", "the citizen heard the greeting and pressed 1 (leave a message)")
    await citizen.hear_beep(ear)
    story.step("beep", "the beep")
    await citizen.say(voice)
    await phone.press("#")
    story.facts["message_s"] = round(voice.seconds, 1)
    story.step("message_left", f"a message of {voice.seconds:.1f} s, ended by #")
    await phone.wait_for("CALL_CLOSED", timeout_s=60)
    story.step("goodbye", "the ticket number was read out, the line said goodbye")


async def _seats_receive(story: Story, seat_a: Seat, seat_b: Seat) -> str:
    offered = await seat_a.next_event("ticket.offered", 60)
    ticket_id: str = offered["ticket_id"]
    story.facts["ticket_number"] = offered["number"]
    story.step("offered_to_a", f"ticket {offered['number']} arrived at A, who ignores it")
    await seat_b.next_event("ticket.offered", 60, ticket_id=ticket_id)
    story.step("offered_to_b", "A was silent for too long: offered to B")
    page = await seat_b.get(f"/tickets/{ticket_id}")
    await seat_b.post(f"/tickets/{ticket_id}/accept", {"offer_no": page["ticket"]["offer_no"]})
    story.step("accepted", "B accepted")
    heard = page["transcript"]["text"]
    story.facts |= {"said": SAID, "heard": heard, "cer": round(character_error_rate(SAID, heard), 4)}
    story.step("transcript", f"said:  {SAID}\nheard: {heard}\ncharacter error rate {story.facts['cer']:.1%}")
    return ticket_id


async def _seat_works(story: Story, seat: Seat, ticket_id: str) -> None:
    await seat.post(f"/tickets/{ticket_id}/note", {"text": "已联系路灯管理所"})
    await seat.post(f"/tickets/{ticket_id}/resolve", {"resolution": "路灯已修复"})
    story.step("resolved", "B noted what was done and resolved the ticket")


async def _citizen_rates(story: Story, citizen: Citizen) -> None:
    phone = citizen.phone
    ear = await citizen.pick_up(timeout_s=60)
    story.step("callback_rings", "the hotline calls the citizen back, who picks up")
    for name, meaning in (("solved", "solved? 1 = yes"), ("satisfied", "satisfied? 1 = very")):
        await ear.pause(timeout_s=60)
        await phone.press("1")
        story.step(f"pressed_{name}", f"the citizen heard the question and pressed 1 ({meaning})")
    await phone.wait_for("CALL_CLOSED", timeout_s=30)
    story.step("callback_over", "thanked and hung up")


async def _ticket_closes(story: Story, seat: Seat, ticket_id: str) -> None:
    async with asyncio.timeout(30):
        while (page := await seat.get(f"/tickets/{ticket_id}"))["ticket"]["status"] in ("resolved", "revisit"):
            await seat.next_event("ticket.changed", 30, ticket_id=ticket_id)
    rating = page["ratings"][-1]
    story.facts |= {
        "ticket_status": page["ticket"]["status"],
        "rating": {"solved": rating["solved"], "satisfaction": rating["satisfaction"]},
    }
    if story.facts["ticket_status"] != "closed" or story.facts["rating"] != {"solved": True, "satisfaction": 1}:
        raise StoryBroke(f"the ticket ended {story.facts['ticket_status']} with {story.facts['rating']}")
    story.step("closed", "rated 1 (very satisfied), ticket closed")
