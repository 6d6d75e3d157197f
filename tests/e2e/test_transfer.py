"""A caller is sent on to another desk from the console: he waits there, and who sent him writes up his part."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from app.bootstrap import build_services
from app.demo.baresip import baresip_phone, phone_ports
from app.demo.citizen import Citizen, Sound
from app.demo.house import House
from tests.e2e.console_page import at_a_seat, picture

pytestmark = pytest.mark.e2e

_SOON_MS = 15_000


async def test_a_caller_is_sent_to_another_desk_and_his_person_writes(
    house: House, citizen: Citizen, browser: Browser, tmp_path: Path
) -> None:
    services = build_services(house.settings)
    services.duty.add_desk("税务专席")
    ports = phone_ports()
    silence = Sound(tmp_path / "desk" / "silence.wav", b"", 300)
    async with baresip_phone(tmp_path / "desk", ports, number="801", silence=silence.path) as phone:
        a = await at_a_seat(browser, house, "agent-a")
        await a.get_by_test_id("my-phone-edit").click()
        await a.get_by_test_id("my-phone-address").fill(f"sip:801@127.0.0.1:{ports.sip}")
        await a.get_by_test_id("my-phone-save").click()
        await citizen.dial(house.sip_uri)
        await citizen.choose("0")
        await phone.pick_up(timeout_s=20)
        call = a.get_by_test_id("seat-call")
        await expect(call).to_have_attribute("data-status", "talking", timeout=_SOON_MS)
        await expect(a.get_by_test_id("order-transfer")).to_be_disabled()
        await a.get_by_test_id("transfer-desk").click()
        await a.get_by_role("option", name="税务专席").click()
        await picture(a, "transfer", tmp_path)
        await a.get_by_test_id("order-transfer").click()
        await phone.wait_for("CALL_CLOSED", timeout_s=20)
        await expect(call).to_have_attribute("data-status", "wrap_up", timeout=_SOON_MS)
        await a.get_by_test_id("wrap-up-code-transferred").check()
        await a.get_by_test_id("wrap-up-send").click()
        await expect(call).to_have_count(0)
        await citizen.phone.hang_up()
