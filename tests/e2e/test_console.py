"""A baresip call, pressing 1 and speaking, becomes a ticket in the right person's browser without a reload."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from app.demo.citizen import Citizen, Sound
from app.demo.house import House
from tests.e2e.console_page import PATIENCE_MS, at_a_seat, signed_in

pytestmark = pytest.mark.e2e


async def test_a_call_becomes_a_ticket_in_the_browser_of_the_right_person(
    house: House, citizen: Citizen, voice: Sound, browser: Browser, tmp_path: Path
) -> None:
    a, b = await at_a_seat(browser, house, "agent-a"), await at_a_seat(browser, house, "agent-b")
    before = await a.get_by_test_id("work-item").count()
    await a.evaluate("window.sameDocument = true")

    await citizen.leave_message(house.sip_uri, voice)
    await expect(a.get_by_test_id("work-item")).to_have_count(before + 1, timeout=PATIENCE_MS)
    assert await a.evaluate("window.sameDocument"), "the page was reloaded"
    await expect(b.get_by_test_id("work-item")).to_have_count(0)

    await a.get_by_test_id("work-item").first.click()
    await a.get_by_test_id("accept").click()
    await expect(a.get_by_test_id("resolve")).to_be_visible()
    words = a.get_by_test_id("transcript-word")
    await expect(words.first).to_be_visible()
    assert await words.count() > 5

    fifth = words.nth(4)
    await fifth.click()
    await expect(a.get_by_test_id("word-lit")).to_have_attribute(
        "data-start-ms", await fifth.get_attribute("data-start-ms") or ""
    )
    await a.get_by_test_id("player-play").click()
    await expect(a.get_by_test_id("word-lit")).not_to_have_attribute(
        "data-start-ms", await fifth.get_attribute("data-start-ms") or ""
    )  # it plays on: the next words light up
    await expect(a.locator(".el-message")).to_have_count(0)
    picture = Path(os.environ.get("HOTLINE_SCREENSHOT") or tmp_path / "console.png")
    assert len(await a.screenshot(path=picture)) > 10_000


async def test_the_console_speaks_english_too(house: House, browser: Browser) -> None:
    page = await signed_in(browser, house, "banzhang")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_text("Call log").first).to_be_visible()
