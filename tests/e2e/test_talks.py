"""A person on the line, at the worst moments of the whole house: people go on talking, and one record is left."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.demo.baresip import Baresip, baresip_phone, phone_ports
from app.demo.citizen import Citizen, Sound
from app.demo.house import House
from app.demo.seat import Seat, signed_in_seat
from app.demo.voice import character_error_rate
from tests.e2e.conftest import SAID

pytestmark = pytest.mark.e2e

WITHIN_S = 60


@asynccontextmanager
async def _at_the_seat(house: House, folder: Path) -> AsyncIterator[tuple[Seat, Baresip]]:
    """Agent A, signed in and available, with a desk phone."""
    ports = phone_ports()
    silence = await asyncio.to_thread(Sound, folder / "desk" / "silence.wav", b"", 300)
    async with (
        baresip_phone(folder / "desk", ports, number="801", silence=silence.path) as phone,
        signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat,
    ):
        await seat.put("/me/phone", {"phone": f"sip:801@127.0.0.1:{ports.sip}"})
        try:
            yield seat, phone
        finally:
            await seat.put("/me/phone", {"phone": None})


async def _talking(house: House, citizen: Citizen, phone: Baresip) -> None:
    await citizen.dial(house.sip_uri)
    await citizen.choose("0")
    await phone.pick_up(timeout_s=20)


async def _my_call(seat: Seat, status: str) -> dict[str, Any]:
    """My call once it is so."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            mine: dict[str, Any] | None = await seat.get("/seat-calls/mine")
            if mine is not None and mine["status"] == status:
                return mine
            await seat.next_event("seat_call.changed", WITHIN_S)


async def _wrap_up(seat: Seat) -> None:
    mine = await _my_call(seat, "wrap_up")
    await seat.post(f"/seat-calls/{mine['call_id']}/wrap-up", {"code": "ticket"})


async def _my_ticket(seat: Seat) -> dict[str, Any]:
    assigned = await seat.next_event("ticket.assigned", WITHIN_S)
    page: dict[str, Any] = await seat.get(f"/tickets/{assigned['ticket_id']}")
    return page


def _citizens_words(page: dict[str, Any]) -> str:
    return "".join(word["text"] for word in page["transcript"]["words"] if word["speaker"] == "citizen")


def _kill(house: House, what: str) -> None:
    victims = house.process_ids(what) or [pid for pid, command in house.processes().items() if what in command]
    assert victims, f"no {what} runs"
    for pid in victims:
        os.kill(pid, signal.SIGKILL)


async def test_a_telephony_process_killed_in_a_talk_leaves_what_was_said_and_nobody_busy(
    house: House, citizen: Citizen, voice: Sound, tmp_path: Path
) -> None:
    async with _at_the_seat(house, tmp_path) as (seat, phone):
        await _talking(house, citizen, phone)
        await citizen.say(voice)
        _kill(house, "telephony")
        page = await _my_ticket(seat)
        await _wrap_up(seat)
        assert await seat.get("/seat-calls/mine") is None
    assert page["ticket"]["status"] == "accepted"
    assert page["recording"]["is_partial"]
    assert character_error_rate(SAID, _citizens_words(page)) < 0.35


async def test_with_redis_killed_people_go_on_talking_and_the_record_is_whole(
    house: House, citizen: Citizen, voice: Sound, tmp_path: Path
) -> None:
    async with _at_the_seat(house, tmp_path) as (seat, phone):
        await _talking(house, citizen, phone)
        await _my_call(seat, "talking")
        _kill(house, "redis-server")
        await citizen.say(voice)
        await phone.hang_up()
        await citizen.phone.wait_for("CALL_CLOSED", timeout_s=30)
        page = await _my_ticket(seat)
        await _wrap_up(seat)
    assert not page["recording"]["is_partial"]
    assert character_error_rate(SAID, _citizens_words(page)) < 0.35


async def test_a_caller_who_gives_up_while_it_rings_stops_the_ringing(
    house: House, citizen: Citizen, tmp_path: Path
) -> None:
    async with _at_the_seat(house, tmp_path) as (seat, phone):
        await citizen.dial(house.sip_uri)
        await citizen.choose("0")
        await phone.wait_for("CALL_INCOMING", timeout_s=20)
        await citizen.phone.hang_up()
        await phone.wait_for("CALL_CLOSED", timeout_s=20)
        async with asyncio.timeout(WITHIN_S):
            while await seat.get("/seat-calls/mine") is not None:
                await seat.next_event("seat_call.changed", WITHIN_S)
        session = await seat.get("/session")
    assert session["presence"]["state"] == "available"  # it was not his fault
