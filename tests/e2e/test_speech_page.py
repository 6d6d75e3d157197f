"""In the browser: the model in use, the worker that has loaded it, and a switch that the worker follows by itself."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from app.demo.house import House
from config.settings import ROOT
from tests.e2e.console_page import PATIENCE_MS, signed_in
from tests.support.model_archives import model_zip

pytestmark = pytest.mark.e2e

_CARD = b'{"name": "other", "version": "2.0", "licence": "Apache-2.0"}'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "model.zip"
    path.write_bytes(model_zip(more={"model.json": _CARD}))
    return path


async def _install(house: House, archive: Path) -> None:
    words = ("-m", "app.cli", "models", "install", "other-2.0", "--file", str(archive))
    done = await asyncio.create_subprocess_exec(sys.executable, *words, env=house.environment, cwd=ROOT)
    assert await done.wait() == 0


async def _use(page: Page, model: str) -> None:
    await page.locator(f'[data-testid="model-row"][data-model="{model}"]').get_by_test_id("model-use").click()
    await page.locator(".el-message-box .el-button--primary").click()
    await expect(page.get_by_test_id("model-in-use")).to_have_attribute("data-model", model)


async def test_an_administrator_switches_the_model_and_the_worker_follows(
    house: House, browser: Browser, tmp_path: Path, archive: Path
) -> None:
    await _install(house, archive)
    page = await signed_in(browser, house, "admin")
    await page.get_by_role("link", name="语音识别").click()
    await expect(page.get_by_test_id("model-in-use")).to_have_attribute("data-model", "mini-cn")
    worker = page.get_by_test_id("speech-process").filter(has_text="worker")
    await expect(worker).to_contain_text("mini-cn")
    await _use(page, "other-2.0")

    async def is_followed() -> bool:
        await page.get_by_test_id("speech-refresh").click()
        return "other" in await worker.inner_text()

    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await is_followed():
            await expect(page.get_by_test_id("speech-refresh")).to_be_enabled()
    await page.screenshot(path=os.environ.get("HOTLINE_SCREENSHOT") or tmp_path / "speech.png")
    await _use(page, "mini-cn")


async def test_a_supervisor_sees_the_model_but_no_switch(house: House, browser: Browser) -> None:
    page = await signed_in(browser, house, "banzhang")
    await page.get_by_role("link", name="语音识别").click()
    await expect(page.get_by_test_id("model-in-use")).to_be_visible()
    await expect(page.get_by_test_id("model-use")).to_have_count(0)
