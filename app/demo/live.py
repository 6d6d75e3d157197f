"""A live call once, with real parts: a citizen's telephone, two seats' telephones, a talk, its wrap-up, its ticket.

As in the other story nothing knows the outcome beforehand: each step waits for what the hotline really did.
"""

import asyncio
import io
import time
import wave
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np

from app.demo.baresip import Baresip, PhonePorts, baresip_phone, phone_ports
from app.demo.citizen import Citizen, Sound, citizen_at, spoken
from app.demo.house import House, hotline_house
from app.demo.seat import Seat, signed_in_seat
from app.demo.story import SAID, Story, StoryBroke
from app.demo.voice import character_error_rate

_AGENT_SAID = "您好这里是市民热线请讲"
_LOUD = 300.0
"""Root mean square of 16-bit samples: a side on which somebody spoke is louder."""


async def tell_live_story(folder: Path, story: Story) -> None:
    """Play it in `folder`; raises what went wrong. Everything started is stopped at the end."""
    voice = await asyncio.to_thread(spoken, SAID, folder / "voice.wav")
    greeting = await asyncio.to_thread(spoken, _AGENT_SAID, folder / "agent.wav")
    ports, ports_a, ports_b = phone_ports(), phone_ports(), phone_ports()
    with hotline_house(folder / "house", trunk_port=ports.sip) as house:
        story.step("started", f"the hotline runs: {house.url}, {house.sip_uri}")
        async with AsyncExitStack() as stack:
            citizen = await stack.enter_async_context(citizen_at(folder / "phone", ports))
            phone_a, phone_b = [
                await stack.enter_async_context(_seat_phone(folder / number, at, number))
                for number, at in (("801", ports_a), ("802", ports_b))
            ]
            seat_a, seat_b = [
                await stack.enter_async_context(signed_in_seat(house.url, login, house.passwords[login]))
                for login in ("agent-a", "agent-b")
            ]
            for seat, number, at in ((seat_a, "801", ports_a), (seat_b, "802", ports_b)):
                await seat.put("/me/phone", {"phone": f"sip:{number}@127.0.0.1:{at.sip}"})
            story.step("seats_signed_in", "A and B sit at their seat, each with a telephone")
            await _citizen_wants_a_person(story, house, citizen)
            await _a_is_silent_and_b_answers(story, phone_a, phone_b, seat_a)
            await _they_talk(story, citizen, phone_b, seat_b, voice, greeting)
            await _b_wraps_up(story, citizen, seat_b)
            await _the_ticket_is_bs(story, seat_b)
    story.step("stopped", "everything stopped, no process left")


def _seat_phone(folder: Path, ports: PhonePorts, number: str) -> Any:
    silence = Sound(folder / "silence.wav", b"", 300)
    return baresip_phone(folder, ports, number=number, silence=silence.path)


async def _citizen_wants_a_person(story: Story, house: House, citizen: Citizen) -> None:
    await citizen.dial(house.sip_uri)
    await citizen.choose("0")
    story.facts["pressed_0_at"] = time.time()
    story.step("pressed_0", "the citizen heard the greeting and pressed 0 (a person)")


async def _a_is_silent_and_b_answers(story: Story, phone_a: Baresip, phone_b: Baresip, seat_a: Seat) -> None:
    await phone_a.wait_for("CALL_INCOMING", timeout_s=20)
    story.facts["ring_ms"] = round(1000 * (time.time() - story.facts.pop("pressed_0_at")))
    story.step("rings_at_a", f"A's telephone rings {story.facts['ring_ms']} ms later, and nobody picks up")
    await phone_b.pick_up(timeout_s=30)
    session = await seat_a.get("/session")
    if session["presence"]["away_reason"] != "silent":
        raise StoryBroke(f"A is {session['presence']}")
    story.step("b_answers", "A was silent for too long and is set away; B's telephone rings, and B picks up")


async def _they_talk(
    story: Story, citizen: Citizen, phone_b: Baresip, seat_b: Seat, voice: Sound, greeting: Sound
) -> None:
    await phone_b.speak(greeting.path)
    await asyncio.sleep(greeting.seconds + 0.5)  # speaking takes as long as it takes
    speaking = asyncio.create_task(citizen.say(voice))
    words: dict[str, str] = {"agent": "", "citizen": ""}
    async with asyncio.timeout(voice.seconds + 20):
        while len(words["citizen"]) < len(SAID) // 2:
            event = await seat_b.next_event("talk.words", 20)
            if event["is_final"]:
                words[event["side"]] += event["text"]
    await speaking
    story.facts |= {"live_citizen": words["citizen"], "live_agent": words["agent"]}
    story.step("live_words", f"on B's screen while they spoke: {words['citizen']}")


async def _b_wraps_up(story: Story, citizen: Citizen, seat: Seat) -> None:
    mine = await seat.get("/seat-calls/mine")
    if mine["status"] != "talking" or not mine["talk"]["is_recording"]:
        raise StoryBroke(f"B's call is {mine['status']} with {mine['talk']}")
    await seat.post(f"/seat-calls/{mine['call_id']}/orders", {"kind": "hang_up"})
    await citizen.phone.wait_for("CALL_CLOSED", timeout_s=20)
    async with asyncio.timeout(10):
        while (await seat.get("/seat-calls/mine"))["status"] != "wrap_up":
            await seat.next_event("seat_call.changed", 10)
    await seat.post(f"/seat-calls/{mine['call_id']}/wrap-up", {"code": "ticket", "note": "路灯"})
    story.step("wrapped_up", "B hung up from the screen, the citizen heard goodbye; B wrote it up")


async def _the_ticket_is_bs(story: Story, seat: Seat) -> None:
    assigned = await seat.next_event("ticket.assigned", 60)
    page = await seat.get(f"/tickets/{assigned['ticket_id']}")
    heard = "".join(segment["text"] for segment in page["transcript"]["words"] if segment["speaker"] == "citizen")
    cer = round(character_error_rate(SAID, heard), 4)
    sides = _loudness(await seat.download(f"/recordings/{page['recording']['id']}/audio"))
    story.facts |= {
        "ticket_number": page["ticket"]["number"],
        "ticket_status": page["ticket"]["status"],
        "said": SAID,
        "heard": heard,
        "cer": cer,
        "loudness_agent": round(sides[0]),
        "loudness_citizen": round(sides[1]),
    }
    if page["ticket"]["status"] != "accepted" or min(sides) < _LOUD or cer > 0.5:
        raise StoryBroke(f"the ticket is {page['ticket']['status']}, its sides {sides}, its errors {cer:.0%}")
    story.step("ticket", f"B holds the ticket; both sides are on the recording; character error rate {cer:.1%}")


def _loudness(wav: bytes) -> tuple[float, float]:
    """Root mean square of both channels: the agent's and the citizen's."""
    with wave.open(io.BytesIO(wav)) as sound:
        if sound.getnchannels() != 2:
            raise StoryBroke("the recording has one side only")
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2).astype(float)
    agent, citizen = np.sqrt((samples**2).mean(axis=0))
    return float(agent), float(citizen)
