"""The worst moments of the whole house: a process is killed, and nothing that was spoken is lost."""

import asyncio
import os
import signal
from typing import Any

import pytest
from redis import Redis
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

from app.demo.citizen import Citizen, Sound, spoken
from app.demo.house import House
from app.demo.seat import Seat, signed_in_seat
from app.demo.voice import character_error_rate
from app.speech_queues import SpeechQueue
from tests.e2e.conftest import SAID

pytestmark = pytest.mark.e2e


LONG = SAID * 4
"""Long enough that its recognition can be caught in the act."""


@pytest.fixture(scope="module")
def long_voice(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return spoken(LONG, tmp_path_factory.mktemp("voice") / "long.wav")


async def _next_ticket(seat: Seat, timeout_s: float = 90) -> dict[str, Any]:
    offered = await seat.next_event("ticket.offered", timeout_s)
    page: dict[str, Any] = await seat.get(f"/tickets/{offered['ticket_id']}")
    return page


def _kill(house: House, process: str) -> None:
    victims = house.process_ids(process)
    assert victims, f"no {process} process runs"
    for pid in victims:
        os.kill(pid, signal.SIGKILL)


async def test_a_telephony_process_killed_during_a_message_loses_nothing_spoken_before(
    house: House, citizen: Citizen, voice: Sound
) -> None:
    async with signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat:
        await citizen.dial(house.sip_uri)
        await citizen.hear_beep(await citizen.choose("1"))
        await citizen.say(voice)
        _kill(house, "telephony")  # no '#', no BYE: the caller was still on the line
        page = await _next_ticket(seat)
    assert page["recording"]["is_partial"]
    assert character_error_rate(SAID, page["transcript"]["text"]) < 0.25


async def test_a_worker_killed_during_recognition_loses_nothing(
    house: House, citizen: Citizen, long_voice: Sound
) -> None:
    async with signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat:
        killing = asyncio.create_task(_kill_worker_at_its_job(house))
        await citizen.leave_message(house.sip_uri, long_voice)
        async with asyncio.timeout(30):
            await killing
        page = await _next_ticket(seat)
    assert page["transcript"]["status"] == "ready"
    assert character_error_rate(LONG, page["transcript"]["text"]) < 0.25


async def _kill_worker_at_its_job(house: House) -> None:
    """Wait until a recognition has begun, then kill the worker with its work-horse at once."""
    redis = Redis.from_url(house.settings.effective_redis_url)
    begun = [StartedJobRegistry(name, connection=redis, serializer=JSONSerializer) for name in SpeechQueue]
    while not any(registry.count for registry in begun):  # noqa: ASYNC110
        await asyncio.sleep(0.002)  # RQ tells nobody when a job begins: it has to be looked at
    _kill(house, "worker")


async def test_an_answer_given_before_a_kill_is_neither_lost_nor_asked_for_again(
    house: House, citizen: Citizen, voice: Sound
) -> None:
    async with signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat:
        await citizen.leave_message(house.sip_uri, voice)
        page = await _next_ticket(seat)
        ticket_id = page["ticket"]["id"]
        await seat.post(f"/tickets/{ticket_id}/accept", {"offer_no": page["ticket"]["offer_no"]})
        await seat.post(f"/tickets/{ticket_id}/resolve", {"resolution": "路灯已修复"})

        ear = await citizen.pick_up(timeout_s=60)
        await ear.pause(timeout_s=60)
        await citizen.phone.press("1")  # solved: yes
        await ear.speech(timeout_s=10)  # "noted": the answer is on disk
        _kill(house, "telephony")

        ear = await citizen.pick_up(timeout_s=90)
        await ear.pause(timeout_s=60)
        await citizen.phone.press("2")  # satisfied: the only question left
        while (page := await seat.get(f"/tickets/{ticket_id}"))["ticket"]["status"] != "closed":
            await seat.next_event("ticket.changed", 60, ticket_id=ticket_id)
    assert (page["ratings"][-1]["solved"], page["ratings"][-1]["satisfaction"]) == (True, 2)


async def test_with_redis_killed_a_message_still_becomes_a_ticket(house: House, citizen: Citizen, voice: Sound) -> None:
    async with signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat:
        await citizen.dial(house.sip_uri)
        await citizen.hear_beep(await citizen.choose("1"))
        victims = [pid for pid, command in house.processes().items() if "redis-server" in command]
        assert victims
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        await citizen.say(voice)
        await citizen.phone.press("#")
        page = await _next_ticket(seat)
    assert page["transcript"]["status"] == "ready"
