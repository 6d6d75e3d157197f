"""The whole house on a real Asterisk: our process may be killed in the middle of a talk, and nobody notices."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.demo.asterisk import PASSWORD, Asterisk, AsteriskHouse, running_asterisk
from app.demo.baresip import Baresip, Registrar, baresip_phone, phone_ports
from app.demo.citizen import Sound, citizen_at
from app.demo.house import House, hotline_house
from app.demo.seat import Seat, signed_in_seat
from app.demo.voice import character_error_rate
from tests.e2e.conftest import SAID

pytestmark = pytest.mark.e2e

SEAT_PASSWORD = "fictional-seat-password"
WITHIN_S = 60


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
    house, registrar = place.house, Registrar(place.asterisk.sip_port, SEAT_PASSWORD)
    silence = await asyncio.to_thread(Sound, folder / "desk" / "silence.wav", b"", 300)
    async with (
        baresip_phone(
            folder / "desk", phone_ports(), number="seat-1", silence=silence.path, registrar=registrar
        ) as phone,
        signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat,
    ):
        await seat.put("/me/phone", {"phone": "PJSIP/seat-1"})
        yield seat, phone


def _kill(house: House, process: str) -> None:
    victims = house.process_ids(process)
    assert victims, f"no {process} process runs"
    for pid in victims:
        os.kill(pid, signal.SIGKILL)


def _citizens_words(page: dict[str, Any]) -> str:
    return "".join(word["text"] for word in page["transcript"]["words"] if word["speaker"] == "citizen")


async def test_a_killed_process_interrupts_nobody_and_the_talk_is_one_whole_record(
    place: OnAsterisk, voice: Sound, tmp_path: Path
) -> None:
    async with _at_the_seat(place, tmp_path) as (seat, phone), citizen_at(tmp_path / "phone", phone_ports()) as citizen:
        await citizen.dial(place.uri)
        await citizen.choose("0")
        await phone.pick_up(timeout_s=20)
        await asyncio.sleep(1)  # of talk
        _kill(place.house, "telephony")
        await citizen.say(voice)  # the other side hears it; nobody of us is there
        await phone.hang_up()
        await citizen.phone.wait_for("CALL_CLOSED", timeout_s=30)
        assigned = await seat.next_event("ticket.assigned", WITHIN_S)
        page = await seat.get(f"/tickets/{assigned['ticket_id']}")
        mine = await seat.get("/seat-calls/mine")
        assert mine["status"] == "wrap_up"
        await seat.post(f"/seat-calls/{mine['call_id']}/wrap-up", {"code": "ticket"})
    assert not page["recording"]["is_partial"]
    assert page["call"]["outcome"] == "talked"
    assert character_error_rate(SAID, _citizens_words(page)) < 0.35
