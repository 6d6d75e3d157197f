"""A live call on both lines, with real parts: a citizen's telephone, two seats, a talk, its wrap-up, its ticket.

As in the other story nothing knows the outcome beforehand: each step waits for what the hotline really did.
"""

import asyncio
import io
import time
import wave
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.demo.asterisk import PASSWORD, AsteriskHouse, running_asterisk
from app.demo.baresip import Baresip, PhonePorts, Registrar, baresip_phone, phone_ports
from app.demo.browser_seat import browser_seat
from app.demo.citizen import Citizen, Sound, citizen_at, spoken
from app.demo.house import House, hotline_house
from app.demo.seat import Seat, signed_in_seat
from app.demo.story import SAID, Story, StoryBroke
from app.demo.voice import character_error_rate
from kit.ids import new_id

_AGENT_SAID = "您好这里是市民热线请讲"
_LOGINS = ("agent-a", "agent-b")
_LOUD = 300.0
"""Root mean square of 16-bit samples: a side on which somebody spoke is louder."""


@dataclass
class Scene:
    """One of the two lines; its steps and facts bear its name."""

    story: Story
    name: str
    house: House
    uri: str
    pressed_0_at: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.story.facts[self.name] = self.facts

    def step(self, name: str, text: str) -> None:
        self.story.step(f"{self.name}_{name}", text)


async def tell_live_story(folder: Path, story: Story) -> None:
    """Play it in `folder`; raises what went wrong. Everything started is stopped at the end."""
    voice = await asyncio.to_thread(spoken, SAID, folder / "voice.wav")
    greeting = await asyncio.to_thread(spoken, _AGENT_SAID, folder / "agent.wav")
    await _on_asterisk(folder / "asterisk", story, voice, greeting)
    await _with_a_browser(folder / "embedded", story, voice, greeting)


async def _on_asterisk(folder: Path, story: Story, voice: Sound, greeting: Sound) -> None:
    """A and B have telephones that are registered at a real Asterisk."""
    passwords = {"seat-1": new_id(), "seat-2": new_id()}
    with running_asterisk(folder / "pbx", AsteriskHouse(seats=passwords)) as asterisk:
        extra = {
            "HOTLINE_LINE": "asterisk",
            "HOTLINE_ARI_URL": asterisk.ari_url,
            "HOTLINE_ARI_PASSWORD": PASSWORD,
            "HOTLINE_MEDIA_PORT": str(asterisk.media_port),
            "HOTLINE_AWAY_DIR": str(asterisk.away),
            "HOTLINE_TRUNK": "carrier",
        }
        with hotline_house(folder / "house", trunk_port=asterisk.sip_port, extra=extra) as house:
            scene = Scene(story, "asterisk", house, f"sip:12345@127.0.0.1:{asterisk.sip_port}")
            scene.step("started", f"the hotline runs on a real Asterisk: {scene.uri}")
            async with AsyncExitStack() as stack:
                citizen = await stack.enter_async_context(citizen_at(folder / "phone", phone_ports()))
                phones = [
                    await stack.enter_async_context(_desk_phone(folder, name, Registrar(asterisk.sip_port, password)))
                    for name, password in passwords.items()
                ]
                seats = [await stack.enter_async_context(_seat(house, login)) for login in _LOGINS]
                for seat, name in zip(seats, passwords, strict=True):
                    await seat.put("/me/phone", {"phone": f"PJSIP/{name}"})
                scene.step("seats_signed_in", "A and B sit at their seat, each with a telephone registered there")
                await _citizen_wants_a_person(scene, citizen)
                await _a_is_silent(scene, phones[0])
                await phones[1].pick_up(timeout_s=30)
                await _b_has_answered(scene, seats[0])
                await phones[1].speak(greeting.path)
                await _they_talk(scene, citizen, seats[1], voice, greeting)
                await _b_wraps_up(scene, citizen, seats[1])
                await _the_ticket_is_bs(scene, seats[1])
    scene.step("stopped", "everything stopped, no process left")


async def _with_a_browser(folder: Path, story: Story, voice: Sound, greeting: Sound) -> None:
    """A has a telephone on the hotline's own line, B a browser with a microphone."""
    ports, ports_a = phone_ports(), phone_ports()
    with hotline_house(folder / "house", trunk_port=ports.sip) as house:
        scene = Scene(story, "browser", house, house.sip_uri)
        scene.step("started", f"the hotline runs on its own line: {house.url}, {scene.uri}")
        async with AsyncExitStack() as stack:
            citizen = await stack.enter_async_context(citizen_at(folder / "phone", ports))
            phone_a = await stack.enter_async_context(_desk_phone(folder, "801", None, ports_a))
            seats = [await stack.enter_async_context(_seat(house, login)) for login in _LOGINS]
            await seats[0].put("/me/phone", {"phone": f"sip:801@127.0.0.1:{ports_a.sip}"})
            browser = await stack.enter_async_context(
                browser_seat(house, _LOGINS[1], _from_now_on(greeting, folder / "microphone.wav"))
            )
            scene.step("seats_signed_in", "A sits with a telephone, B with a browser")
            await _citizen_wants_a_person(scene, citizen)
            await _a_is_silent(scene, phone_a)
            await browser.answer()
            await _b_has_answered(scene, seats[0])
            await _they_talk(scene, citizen, seats[1], voice, greeting)
            await browser.picture(folder / "talk.png")
            await _b_wraps_up(scene, citizen, seats[1])
            await _the_ticket_is_bs(scene, seats[1])
    scene.step("stopped", "everything stopped, no process left")


def _desk_phone(
    folder: Path, number: str, registrar: Registrar | None, ports: PhonePorts | None = None
) -> AbstractAsyncContextManager[Baresip]:
    silence = Sound(folder / number / "silence.wav", b"", 300)
    return baresip_phone(
        folder / number, ports or phone_ports(), number=number, silence=silence.path, registrar=registrar
    )


def _seat(house: House, login: str) -> AbstractAsyncContextManager[Seat]:
    return signed_in_seat(house.url, login, house.passwords[login])


def _from_now_on(sound: Sound, path: Path) -> Path:
    """The sound again and again with little silence: a browser's microphone begins where nobody knows."""
    with wave.open(str(sound.path), "rb") as source, wave.open(str(path), "wb") as out:
        out.setparams(source.getparams())
        out.writeframes(source.readframes(int(sound.seconds * source.getframerate())) + bytes(16000))
    return path


async def _citizen_wants_a_person(scene: Scene, citizen: Citizen) -> None:
    await citizen.dial(scene.uri)
    await citizen.choose("0")
    scene.pressed_0_at = time.monotonic()
    scene.step("pressed_0", "the citizen heard the greeting and pressed 0 (a person)")


async def _a_is_silent(scene: Scene, phone_a: Baresip) -> None:
    await phone_a.wait_for("CALL_INCOMING", timeout_s=20)
    scene.facts["ring_ms"] = round(1000 * (time.monotonic() - scene.pressed_0_at))
    scene.step("rings_at_a", f"A's telephone rings {scene.facts['ring_ms']} ms later, and nobody picks up")


async def _b_has_answered(scene: Scene, seat_a: Seat) -> None:
    session = await seat_a.get("/session")
    if session["presence"]["away_reason"] != "silent":
        raise StoryBroke(f"A is {session['presence']}")
    scene.step("b_answers", "A was silent for too long and is set away; it rings at B, who answers")


async def _they_talk(scene: Scene, citizen: Citizen, seat_b: Seat, voice: Sound, greeting: Sound) -> None:
    await asyncio.sleep(greeting.seconds + 0.5)  # speaking takes as long as it takes
    speaking = asyncio.create_task(citizen.say(voice))
    words: dict[str, str] = {"agent": "", "citizen": ""}
    async with asyncio.timeout(voice.seconds + 20):
        while len(words["citizen"]) < len(SAID) // 2:
            event = await seat_b.next_event("talk.words", 20)
            if event["is_final"]:
                words[event["side"]] += event["text"]
    await speaking
    scene.facts |= {"live_citizen": words["citizen"], "live_agent": words["agent"]}
    scene.step("live_words", f"on B's screen while they spoke: {words['citizen']}")


async def _b_wraps_up(scene: Scene, citizen: Citizen, seat: Seat) -> None:
    mine = await seat.get("/seat-calls/mine")
    if mine["status"] != "talking" or not mine["talk"]["is_recording"]:
        raise StoryBroke(f"B's call is {mine['status']} with {mine['talk']}")
    await seat.post(f"/seat-calls/{mine['call_id']}/orders", {"kind": "hang_up"})
    await citizen.phone.wait_for("CALL_CLOSED", timeout_s=20)
    async with asyncio.timeout(10):
        while (await seat.get("/seat-calls/mine"))["status"] != "wrap_up":
            await seat.next_event("seat_call.changed", 10)
    await seat.post(f"/seat-calls/{mine['call_id']}/wrap-up", {"code": "ticket", "note": "路灯"})
    scene.step("wrapped_up", "B hung up from the screen, the citizen heard goodbye; B wrote it up")


async def _the_ticket_is_bs(scene: Scene, seat: Seat) -> None:
    assigned = await seat.next_event("ticket.assigned", 60)
    page = await seat.get(f"/tickets/{assigned['ticket_id']}")
    heard = "".join(segment["text"] for segment in page["transcript"]["words"] if segment["speaker"] == "citizen")
    cer = round(character_error_rate(SAID, heard), 4)
    sides = _loudness(await seat.download(f"/recordings/{page['recording']['id']}/audio"))
    scene.facts |= {
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
    scene.step("ticket", f"B holds the ticket; both sides are on the recording; character error rate {cer:.1%}")


def _loudness(wav: bytes) -> tuple[float, float]:
    """Root mean square of both channels: the agent's and the citizen's."""
    with wave.open(io.BytesIO(wav)) as sound:
        if sound.getnchannels() != 2:
            raise StoryBroke("the recording has one side only")
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2).astype(float)
    agent, citizen = np.sqrt((samples**2).mean(axis=0))
    return float(agent), float(citizen)
