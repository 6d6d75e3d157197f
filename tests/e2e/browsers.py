"""Chromium for tests: where it is, how it keeps quiet, and how loud a page is."""

import time

from playwright.async_api import Page

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
FAKE_MICROPHONE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
_LOOK_EVERY_MS = 50


async def loudest(page: Page, meter: str, *, at_least: float, within_s: float = 30) -> float:
    """Watch a level meter of the page until it shows so much; the loudest it showed."""
    most, deadline = 0.0, time.monotonic() + within_s
    while most < at_least and time.monotonic() < deadline:
        most = max(most, float(await page.get_by_test_id(meter).get_attribute("data-level") or 0))
        await page.wait_for_timeout(_LOOK_EVERY_MS)
    return most
