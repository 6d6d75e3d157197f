"""The process set of docker-compose.yml against a PostgreSQL and a Redis server of their own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.baresip import PhonePorts, phone_ports
from app.demo.citizen import Sound, citizen_at
from app.demo.house import House, hotline_house
from app.demo.seat import signed_in_seat
from kit.net import free_port

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The distribution's Redis server, not the embedded one."""
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        ["/usr/bin/redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def server_house(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, redis_url: str
) -> Iterator[tuple[House, PhonePorts]]:
    ports = phone_ports()
    extra = {"DATABASE_URL": f"{postgres_url}/postgres", "REDIS_URL": redis_url}
    with hotline_house(tmp_path_factory.mktemp("house"), trunk_port=ports.sip, accept_s=30, extra=extra) as house:
        yield house, ports


async def test_a_call_becomes_a_rated_closed_ticket(
    server_house: tuple[House, PhonePorts], voice: Sound, tmp_path: Path
) -> None:
    house, ports = server_house
    assert not any("redis-server" in command for command in house.processes().values()), "the embedded Redis runs"
    async with (
        citizen_at(tmp_path / "phone", ports) as citizen,
        signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat,
    ):
        await citizen.leave_message(house.sip_uri, voice)
        offered = await seat.next_event("ticket.offered", 60)
        ticket_id = offered["ticket_id"]
        page = await seat.get(f"/tickets/{ticket_id}")
        await seat.post(f"/tickets/{ticket_id}/accept", {"offer_no": page["ticket"]["offer_no"]})
        await seat.post(f"/tickets/{ticket_id}/resolve", {"resolution": "路灯已修复"})
        ear = await citizen.pick_up(timeout_s=60)
        for _ in ("solved", "satisfied"):
            await ear.pause(timeout_s=60)
            await citizen.phone.press("1")
        while (page := await seat.get(f"/tickets/{ticket_id}"))["ticket"]["status"] != "closed":
            await seat.next_event("ticket.changed", 60, ticket_id=ticket_id)
    assert (page["ratings"][-1]["solved"], page["ratings"][-1]["satisfaction"]) == (True, 1)
