"""The whole house on a real Asterisk: our process may be killed in the middle of a talk, and nobody notices."""

import asyncio
import io
import os
import signal
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.demo.asterisk import PASSWORD, Asterisk, AsteriskHouse, running_asterisk
from app.demo.baresip import Baresip, Registrar, baresip_phone, phone_ports
from app.demo.citizen import Citizen, Sound, citizen_at
from app.demo.house import House, hotline_house
from app.demo.seat import Seat, signed_in_seat
from app.demo.voice import character_error_rate
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone
from tests.e2e.conftest import SAID

pytestmark = pytest.mark.e2e

SEAT_PASSWORD = "fictional-seat-password"
WITHIN_S = 60
HERTZ = 600.0
"""What the agent's telephone says."""
PART = 800  # samples: 100 ms


@dataclass
class OnAsterisk:
    asterisk: Asterisk
    house: House

    @property
    def uri(self) -> str:
        return f"sip:12345@127.0.0.1:{self.asterisk.sip_port}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAsterisk]:
    folder = tmp_path_factory.mktemp("on-asterisk")
    with running_asterisk(folder / "pbx", AsteriskHouse(seats={"seat-1": SEAT_PASSWORD})) as asterisk:
        extra = {
            "HOTLINE_LINE": "asterisk",
            "HOTLINE_ARI_URL": asterisk.ari_url,
            "HOTLINE_ARI_PASSWORD": PASSWORD,
            "HOTLINE_MEDIA_PORT": str(asterisk.media_port),
            "HOTLINE_AWAY_DIR": str(asterisk.away),
            "HOTLINE_TRUNK": "carrier",
        }
        with hotline_house(folder / "house", trunk_port=asterisk.sip_port, accept_s=30, extra=extra) as house:
            yield OnAsterisk(asterisk, house)


@asynccontextmanager
async def _at_the_seat(place: OnAsterisk, folder: Path) -> AsyncIterator[tuple[Seat, Baresip]]:
    """Agent A, available, whose telephone is registered at the Asterisk and says a tone."""
    house, registrar = place.house, Registrar(place.asterisk.sip_port, SEAT_PASSWORD)
    hum = await asyncio.to_thread(Sound, folder / "desk" / "tone.wav", tone(120, hertz=HERTZ), 120)
    async with (
        baresip_phone(folder / "desk", phone_ports(), number="seat-1", silence=hum.path, registrar=registrar) as phone,
        signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat,
    ):
        await seat.put("/me/phone", {"phone": "PJSIP/seat-1"})
        yield seat, phone


async def _talking(place: OnAsterisk, citizen: Citizen, phone: Baresip, seat: Seat) -> str:
    """They talk, and it is recorded; the call's id."""
    await citizen.dial(place.uri)
    await citizen.choose("0")
    await phone.pick_up(timeout_s=20)
    async with asyncio.timeout(WITHIN_S):
        while (mine := await _mine(seat))["status"] != "talking" or not mine["talk"].get("is_recording"):
            await seat.next_event("seat_call.changed", WITHIN_S)
    call_id: str = mine["call_id"]
    return call_id


async def _mine(seat: Seat) -> dict[str, Any]:
    return await seat.get("/seat-calls/mine") or {"status": None}


def _kill(house: House, process: str) -> set[int]:
    victims = set(house.process_ids(process))
    assert victims, f"no {process} process runs"
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    return victims


def _heard_of_tone(telephone: Path, since: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """For each 100 ms that a telephone has heard since that byte: is the tone in it?"""
    data = telephone.read_bytes()[since:]
    return _has_tone(np.frombuffer(data[: len(data) // 2 * 2], "<i2"))


def _has_tone(
    samples: "np.ndarray[tuple[int], np.dtype[np.int16]]",
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    parts = samples[: len(samples) // PART * PART].reshape(-1, PART).astype(float)
    spectrum = np.abs(np.fft.rfft(parts, axis=1))
    at = round(HERTZ * PART / 8000)
    loud = np.sqrt((parts**2).mean(axis=1)) > 1000
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = loud & (spectrum.argmax(axis=1) == at)
    return found


def _sides(wav: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.int16]]":
    """Samples of the agent and of the citizen."""
    with wave.open(io.BytesIO(wav)) as sound:
        assert sound.getnchannels() == 2
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2).T


def _citizens_words(page: dict[str, Any]) -> str:
    return "".join(word["text"] for word in page["transcript"]["words"] if word["speaker"] == "citizen")


async def test_a_killed_process_interrupts_nobody_and_the_talk_is_one_whole_record(
    place: OnAsterisk, voice: Sound, tmp_path: Path
) -> None:
    async with _at_the_seat(place, tmp_path) as (seat, phone), citizen_at(tmp_path / "phone", phone_ports()) as citizen:
        call_id = await _talking(place, citizen, phone, seat)
        ear = max((tmp_path / "phone").glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime)
        await eventually(lambda: bool(_heard_of_tone(ear, 0)[-3:].all()))
        killed_at = ear.stat().st_size
        victims = _kill(place.house, "telephony")
        await citizen.say(voice)  # while nobody of us is there, and on while the next one comes
        await eventually(lambda: bool(set(place.house.process_ids("telephony")) - victims), within_s=30)
        meanwhile = _heard_of_tone(ear, killed_at)
        assert len(meanwhile) >= 0.9 * voice.seconds * 10
        assert meanwhile.mean() > 0.95  # a part on the border of two packets may be cut
        assert (await _mine(seat))["status"] == "talking"
        await phone.hang_up()
        await citizen.phone.wait_for("CALL_CLOSED", timeout_s=30)
        assigned = await seat.next_event("ticket.assigned", WITHIN_S)
        page = await seat.get(f"/tickets/{assigned['ticket_id']}")
        mine = await _mine(seat)
        assert (mine["status"], mine["call_id"]) == ("wrap_up", call_id)
        await seat.post(f"/seat-calls/{call_id}/wrap-up", {"code": "ticket"})
        agent, citizens = _sides(await seat.download(f"/recordings/{page['recording']['id']}/audio"))
    assert (page["call"]["id"], page["call"]["outcome"]) == (call_id, "talked")
    assert not page["recording"]["is_partial"]
    assert len(agent) > voice.seconds * 8000
    assert _has_tone(agent).mean() > 0.9  # from the first word to the last, also while nobody of us was there
    assert np.abs(citizens.astype(float)).max() > 1000
    assert character_error_rate(SAID, _citizens_words(page)) < 0.35
