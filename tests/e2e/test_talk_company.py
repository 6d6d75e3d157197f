"""Others come into a talk, seen in real browsers: a third party, a supervisor, and whoever was faster."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from app.demo.citizen import CITIZEN_NUMBER, Citizen
from app.demo.house import House
from tests.e2e.browsers import CHROMIUM, FAKE_MICROPHONE, QUIET
from tests.e2e.console_page import PATIENCE_MS, picture, rung_in_the_browser, signed_in

pytestmark = pytest.mark.e2e

_SOON_MS = 15_000


@pytest.fixture
async def telephones() -> AsyncIterator[Browser]:
    """Chromium whose microphone beeps once a second."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *FAKE_MICROPHONE])
        yield chromium
        await chromium.close()


async def test_a_third_party_and_a_supervisor_come_into_the_talk_of_a_browser_and_leave_it(
    house: House, telephones: Browser, citizen: Citizen, tmp_path: Path
) -> None:
    """The citizen calls from the web page; his telephone at the trunk is the department's here."""
    a, wall = await rung_in_the_browser(telephones, house, "agent-a"), await signed_in(telephones, house, "banzhang")
    tickets = await a.get_by_test_id("work-item").count()
    await wall.get_by_role("link", name="实时话务").click()
    for page in (a, wall):
        await expect(page.get_by_test_id("phone-chip")).to_have_attribute("data-state", "ready")
    caller = await _a_citizen_calls(telephones, house)
    await _rings_with_what_is_known(a, tmp_path)
    await a.get_by_test_id("phone-answer").click()
    await _one_place_for_each_button(a, tmp_path)
    await _a_third_party(a, citizen, tmp_path)
    await _a_supervisor(wall, a, tmp_path)
    await _the_caller_has_just_gone(a, caller, tmp_path)
    await _two_tabs_write_it_up(a)
    await _the_call_log_has_it(wall, tmp_path)
    await expect(a.get_by_test_id("work-item")).to_have_count(tickets + 1, timeout=PATIENCE_MS)


async def _a_citizen_calls(browser: Browser, house: House) -> Page:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await page.goto(f"{house.url}/call")
    await page.get_by_test_id("call-start").click()
    await expect(page.get_by_test_id("call-page")).to_have_attribute("data-state", "talking", timeout=PATIENCE_MS)
    await page.get_by_test_id("key-0").click()
    return page


async def _rings_with_what_is_known(a: Page, folder: Path) -> None:
    strip = a.get_by_test_id("phone-ringing")
    await expect(strip).to_contain_text("匿名来电", timeout=PATIENCE_MS)
    await expect(strip).to_contain_text("线路 12345")
    await expect(strip).to_contain_text(re.compile(r"已等候 \d:\d\d"))
    await expect(a.get_by_test_id("ringing-caller")).to_have_text("匿名来电")
    await picture(a, "talk-company-ringing", folder)


async def _one_place_for_each_button(a: Page, folder: Path) -> None:
    await expect(a.get_by_test_id("seat-call")).to_have_attribute("data-status", "talking", timeout=_SOON_MS)
    await expect(a.get_by_role("button", name="挂断")).to_have_count(1)
    await expect(a.get_by_role("button", name="静音")).to_have_count(1)
    await picture(a, "talk-company-talking", folder)


async def _a_third_party(a: Page, department: Citizen, folder: Path) -> None:
    await a.get_by_test_id("third-number").fill(CITIZEN_NUMBER)
    await a.keyboard.press("Enter")
    await expect(a.get_by_test_id("inviting")).to_contain_text(CITIZEN_NUMBER)
    await department.phone.pick_up(timeout_s=20)
    await expect(a.get_by_test_id("guest")).to_contain_text(CITIZEN_NUMBER, timeout=_SOON_MS)
    await picture(a, "talk-company-guest", folder)
    await a.get_by_test_id("remove-guest").click()
    await department.phone.wait_for("CALL_CLOSED", timeout_s=20)
    await expect(a.get_by_test_id("guest")).to_have_count(0, timeout=_SOON_MS)

    await a.get_by_test_id("invite-119").click()
    await expect(a.get_by_test_id("guest-failed")).to_have_text(
        "119 未接通：号码无效", timeout=_SOON_MS
    )  # as the trunk says
    await picture(a, "talk-company-guest-failed", folder)


async def _a_supervisor(wall: Page, a: Page, folder: Path) -> None:
    await wall.get_by_test_id("order-whisper").click()
    await wall.get_by_test_id("phone-answer").click(timeout=_SOON_MS)
    await expect(wall.get_by_test_id("phone-call")).to_be_visible()
    await wall.get_by_test_id("order-barge").click()  # he is on the line already: nothing rings
    await expect(wall.get_by_test_id("phone-chip")).to_have_attribute("data-state", "talking")
    await picture(wall, "talk-company-whisper", folder)
    await wall.get_by_test_id("phone-hang-up").click()
    await expect(wall.get_by_test_id("phone-chip")).to_have_attribute("data-state", "ready")

    await wall.get_by_test_id("order-listen").click()
    await wall.get_by_test_id("phone-decline").click(timeout=_SOON_MS)
    failed = wall.get_by_test_id("order-failed")
    await expect(failed).to_have_attribute("data-code", "seat_order.rejected", timeout=_SOON_MS)
    await expect(failed).to_contain_text("监听未成功")
    await picture(wall, "talk-company-listen-failed", folder)
    await expect(a.get_by_test_id("seat-call")).to_have_attribute(
        "data-status", "talking"
    )  # nothing of it is seen here
    await expect(a.get_by_test_id("seat-call")).not_to_contain_text("监听")  # he knows nothing of it


async def _the_caller_has_just_gone(a: Page, caller: Page, folder: Path) -> None:
    """The screen has not heard of it yet when its person presses a button."""
    await a.route("**/api/v1/seat-calls/mine", lambda route: route.abort())
    await caller.get_by_test_id("call-hang-up").click()
    await expect(a.get_by_test_id("phone-chip")).to_have_attribute("data-state", "ready")
    await expect(a.get_by_test_id("order-hold")).to_be_visible()
    await a.unroute("**/api/v1/seat-calls/mine")
    await a.get_by_test_id("order-hold").click()
    await expect(a.get_by_test_id("seat-call")).to_have_attribute("data-status", "wrap_up", timeout=_SOON_MS)
    await expect(a.get_by_test_id("lost-race")).to_contain_text("未执行")
    await picture(a, "talk-company-lost-race", folder)


async def _two_tabs_write_it_up(a: Page) -> None:
    """The second one comes too late, and says so."""
    late = await a.context.new_page()
    await late.goto(a.url)
    await late.get_by_test_id("wrap-up-code-nuisance").check()
    await late.route("**/api/v1/seat-calls/mine", lambda route: route.abort())
    await a.get_by_test_id("wrap-up-code-nothing_said").check()
    await a.get_by_test_id("wrap-up-send").click()
    await expect(a.get_by_test_id("seat-call")).to_have_count(0)
    await late.unroute("**/api/v1/seat-calls/mine")
    await late.get_by_test_id("wrap-up-send").click()
    await expect(late.get_by_test_id("lost-race")).to_contain_text("未执行")
    await expect(late.get_by_test_id("seat-call")).to_have_count(0)
    await late.close()


async def _the_call_log_has_it(wall: Page, folder: Path) -> None:
    await wall.get_by_role("link", name="通话记录").click()
    row = wall.get_by_test_id("call-row").first
    await expect(row).to_contain_text("匿名来电")
    await row.click()
    await expect(wall.get_by_test_id("wrap-ups")).to_contain_text("无声")
    await picture(wall, "talk-company-call-log", folder)
