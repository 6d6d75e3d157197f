"""The console in a browser, signed in and at a seat."""

import os
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from app.demo.house import House
from app.demo.seat import signed_in_seat

AGENT_SCREEN = {"width": 1366, "height": 768}
PATIENCE_MS = 60_000


async def signed_in(browser: Browser, house: House, login: str, password: str | None = None) -> Page:
    """`password` None: that of the first run."""
    context = await browser.new_context(viewport=AGENT_SCREEN, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(house.url)
    await page.get_by_test_id("login-name").fill(login)
    await page.get_by_test_id("login-password").fill(password or house.passwords[login])
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("sign-out")).to_be_visible()
    await expect(page.get_by_test_id("login-submit")).to_have_count(0)
    return page


async def at_a_seat(browser: Browser, house: House, login: str) -> Page:
    page = await signed_in(browser, house, login)
    presence = page.get_by_test_id("presence")
    if await presence.get_attribute("data-state") != "available":
        await presence.click()
    await expect(presence).to_have_attribute("data-state", "available")
    return page


async def rung_in_the_browser(browser: Browser, house: House, login: str) -> Page:
    """At a seat whose telephone is this page, whatever an earlier test has left as his telephone."""
    async with signed_in_seat(house.url, login, house.passwords[login]) as seat:
        await seat.put("/me/phone", {"phone": None})
    page = await at_a_seat(browser, house, login)
    await expect(page.get_by_test_id("my-phone")).to_have_attribute("data-state", "ready")
    return page


async def picture(page: Page, name: str, folder: Path) -> None:
    """A screenshot for people to look at: in HOTLINE_SCREENSHOTS when it is set."""
    folder = Path(os.environ.get("HOTLINE_SCREENSHOTS") or folder)
    assert len(await page.screenshot(path=folder / f"{name}.png")) > 5_000
