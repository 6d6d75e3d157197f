"""A seat whose telephone is a real browser with a microphone that plays a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from playwright.async_api import Page, async_playwright

from app.demo.house import House
from kit.errors import Unavailable

_QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
_PATIENCE_MS = 30_000
_SCREEN = (1366, 768)


class BrowserMissing(Unavailable):
    code = "demo.browser_missing"


@dataclass
class BrowserSeat:
    """One signed-in console; `page` is Playwright's."""

    page: Page

    async def answer(self) -> None:
        """Wait until it rings, then pick up."""
        await self.page.get_by_test_id("phone-answer").click(timeout=_PATIENCE_MS)
        await self.page.get_by_test_id("phone-call").wait_for(timeout=_PATIENCE_MS)

    async def picture(self, path: Path) -> None:
        await self.page.screenshot(path=path)


@asynccontextmanager
async def browser_seat(house: House, login: str, microphone: Path) -> AsyncIterator[BrowserSeat]:
    """Sign in at the console in Chromium, whose phone is then ready. Raises BrowserMissing."""
    program = which("chromium")
    if program is None:
        raise BrowserMissing("chromium is not installed (Debian package chromium)")
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=program, args=[*_QUIET, *fake, f"--use-file-for-fake-audio-capture={microphone}"]
        )
        context = await chromium.new_context(viewport={"width": _SCREEN[0], "height": _SCREEN[1]}, locale="zh-CN")
        page = await context.new_page()
        await page.goto(house.url)
        await page.get_by_test_id("login-name").fill(login)
        await page.get_by_test_id("login-password").fill(house.passwords[login])
        await page.get_by_test_id("login-submit").click()
        await page.locator('[data-testid="phone-chip"][data-state="ready"]').wait_for(timeout=_PATIENCE_MS)
        yield BrowserSeat(page)
        await chromium.close()
