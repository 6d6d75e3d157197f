"""A ticket goes from the seat to a department and comes back answered, each in his own browser."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from app.demo.citizen import Citizen, Sound
from app.demo.house import House
from app.demo.seat import signed_in_seat
from tests.e2e.console_page import PATIENCE_MS, at_a_seat, picture, signed_in

pytestmark = pytest.mark.e2e
HANDLER, PASSWORD = "lin", "street-lamps-office"
PHONE_SCREEN = {"width": 390, "height": 844}


async def _department(house: House) -> None:
    async with signed_in_seat(house.url, "admin", house.passwords["admin"], available=False) as admin:
        person = {"login": HANDLER, "display_name": "小林", "role": "handler", "password": PASSWORD}
        person_id = (await admin.post("/people", person))["id"]
        entry = {"code": "lamps", "name": "路灯管理所", "level": "town"}
        department_id = (await admin.put("/departments", entry))["id"]
        await admin.post(f"/departments/{department_id}/members", {"person_id": person_id})


async def _choose(page: Page, test_id: str, name: str) -> None:
    await page.get_by_test_id(test_id).click()
    await page.locator(".el-select-dropdown__item:visible", has_text=name).click()


async def test_the_department_signs_and_answers_on_its_telephone(
    house: House, citizen: Citizen, voice: Sound, browser: Browser, tmp_path: Path
) -> None:
    await _department(house)
    seat = await at_a_seat(browser, house, "agent-a")
    await citizen.leave_message(house.sip_uri, voice)
    offered = seat.locator('[data-testid="work-item"][data-status="new"]')
    await expect(offered).to_have_count(1, timeout=PATIENCE_MS)
    ticket_id = await offered.get_attribute("data-ticket-id")
    await offered.click()
    await seat.get_by_test_id("accept").click()

    handler = await signed_in(browser, house, HANDLER, PASSWORD)
    await handler.set_viewport_size(PHONE_SCREEN)  # type: ignore[arg-type]
    item = handler.locator(f'[data-ticket-id="{ticket_id}"]')
    await expect(item).to_have_count(0)

    await seat.get_by_test_id("move-dispatch").click()
    await _choose(seat, "move-department", "路灯管理所")
    await picture(seat, "dispatching", tmp_path)
    await seat.get_by_test_id("move-submit").click()
    await expect(seat.get_by_test_id("ticket-status")).to_have_attribute("data-status", "dispatched")

    await expect(item).to_be_visible()  # without a reload
    await picture(handler, "department", tmp_path)
    await item.click()
    await handler.get_by_test_id("move-sign").click()
    await expect(handler.get_by_test_id("ticket-status")).to_have_attribute("data-status", "signed")
    await handler.get_by_test_id("move-arrive").click()
    await expect(handler.get_by_test_id("ticket-status")).to_have_attribute("data-status", "handling")
    await picture(handler, "department-ticket", tmp_path)
    await handler.get_by_test_id("resolution-text").fill("已更换灯泡")
    await handler.get_by_test_id("resolve").click()
    await expect(handler.get_by_test_id("resolution")).to_have_text("已更换灯泡")
