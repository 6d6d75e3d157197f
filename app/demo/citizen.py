"""A citizen: a telephone, an ear and something to say."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.demo.baresip import Baresip, PhonePorts, baresip_phone
from app.demo.ear import Ear
from app.demo.voice import synthesise

CITIZEN_NUMBER = "13900000001"
VOICE = "m3"
"""A voice that the embedded model was not trained on."""


class Citizen:
    """Acts as a caller would: listens before pressing, waits for the beep before speaking."""

    def __init__(self, phone: Baresip) -> None:
        self.phone = phone

    async def dial(self, uri: str) -> None:
        """Ring the line and wait until it picks up."""
        await self.phone.dial(uri)
        await self.phone.wait_for("CALL_ESTABLISHED", timeout_s=10)

    async def choose(self, digit: str) -> Ear:
        """Hear the line begin to speak, then press the key; returns the ear, for what comes next."""
        ear = Ear(await self.phone.hearing())
        await ear.speech(timeout_s=10)
        await self.phone.press(digit)
        return ear

    async def pick_up(self, timeout_s: float) -> Ear:
        """Wait until somebody rings, and answer."""
        await self.phone.pick_up(timeout_s)
        return Ear(await self.phone.hearing())

    async def hear_beep(self, ear: Ear) -> None:
        await ear.beep(timeout_s=30)

    async def say(self, sound: "Sound") -> None:
        """Speak to the end; the line hears it in real time."""
        await self.phone.speak(sound.path)
        await asyncio.sleep(sound.seconds + 0.4)  # speaking takes as long as it takes

    async def leave_message(self, uri: str, sound: "Sound") -> None:
        """An ordinary call of somebody in a hurry: ring, 1, beep, speak, `#`, hear "received", hang up."""
        await self.dial(uri)
        ear = await self.choose("1")
        await self.hear_beep(ear)
        await self.say(sound)
        await self.phone.press("#")
        await ear.speech(timeout_s=10)
        await self.phone.hang_up()
        await self.phone.wait_for("CALL_CLOSED", timeout_s=10)


class Sound:
    """A WAV that outlives the call (baresip hangs up at a sound's end); `seconds` is what is spoken in it."""

    def __init__(self, path: Path, pcm: bytes, silence_s: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.seconds = len(pcm) / 16000
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(pcm + bytes(16000 * silence_s))


def spoken(text: str, path: Path) -> Sound:
    """The text in the citizen's voice; needs espeak-ng."""
    plain = path.with_suffix(".plain.wav")
    synthesise(text, plain, voice=VOICE)
    with wave.open(str(plain), "rb") as sound:
        return Sound(path, sound.readframes(sound.getnframes()), 120)


@asynccontextmanager
async def citizen_at(folder: Path, ports: PhonePorts, *, number: str = CITIZEN_NUMBER) -> AsyncIterator[Citizen]:
    """A citizen whose telephone listens on `ports`, with its files in `folder`."""
    silence = await asyncio.to_thread(Sound, folder / "silence.wav", b"", 300)
    async with baresip_phone(folder, ports, number=number, silence=silence.path) as phone:
        yield Citizen(phone)
