"""The seat console as a telephone: it rings, talks, survives a lost network, and moves between tabs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from app.bootstrap import browser_line, build_services
from app.feed_nudges import LocalNudges
from app.schema import METADATA
from app.web import create_app
from config.settings import ROOT, Settings
from ivr.adapters.browser_line import BrowserLine
from ivr.adapters.browser_line.call import BrowserCall
from ivr.ports import Clip, DialFailed, DialFailure
from kit.clock import SystemClock
from tests.api.world import PASSWORD, World, nudging, signing_in_quickly, web_server
from tests.contracts.sounds import write_tone
from tests.e2e.browsers import CHROMIUM, FAKE_MICROPHONE, QUIET, loudest
from tests.e2e.console_page import AGENT_SCREEN, picture
from tests.support.ports import free_port

pytestmark = pytest.mark.e2e

WATCH_STATES = """() => {
  const chip = document.querySelector('[data-testid=phone-chip]')
  window.states = []
  new MutationObserver(() => window.states.push(chip.dataset.state))
    .observe(chip, { attributes: true, attributeFilter: ['data-state'] })
}"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = Settings(
        data_dir=tmp_path / "var",
        database_url=f"sqlite:///{tmp_path / 'hotline.sqlite3'}",
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
        console_dir=ROOT / "console" / "dist",
        browser_port=free_port(),
    )
    clock = SystemClock()
    services = nudging(signing_in_quickly(build_services(settings, clock)), LocalNudges(poll_s=0.2))
    METADATA.create_all(services.db.engine)
    yield World(services, clock, tmp_path)
    services.db.dispose()


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with web_server(create_app(world.services)) as address:
        yield address


@pytest.fixture
async def line(world: World) -> AsyncIterator[BrowserLine]:
    line = browser_line(world.services)
    line.on_call = lambda _: asyncio.sleep(0)
    line.dialler.facts_of = lambda _: {"caller": "139****0001", "note": "市民来电"}
    await line.start()
    yield line
    await line.stop()


@pytest.fixture
async def console(url: str) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *FAKE_MICROPHONE])
        yield await chromium.new_context(viewport=AGENT_SCREEN, locale="zh-CN")  # type: ignore[arg-type]
        await chromium.close()


async def signed_in(console: BrowserContext, url: str) -> Page:
    page = await console.new_page()
    await page.goto(f"{url}/")
    await page.get_by_test_id("login-name").fill("ann")
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await phone_is(page, "ready")
    return page


async def phone_is(page: Page, state: str) -> None:
    await expect(page.get_by_test_id("phone-chip")).to_have_attribute("data-state", state)


def ringing(line: BrowserLine, world: World, *, for_s: float = 20) -> "asyncio.Task[BrowserCall]":
    number = f"browser:{world.ids['ann']}"
    return asyncio.create_task(line.dialler.dial(number, call_id="call1", ring_timeout_s=for_s))


async def test_an_agent_is_rung_talks_both_ways_and_hangs_up(
    world: World, line: BrowserLine, console: BrowserContext, url: str, tmp_path: Path
) -> None:
    page = await signed_in(console, url)
    dialling = ringing(line, world)
    await expect(page.get_by_test_id("phone-ringing")).to_contain_text("139****0001")
    await page.wait_for_function("() => document.title.startsWith('【来电】')")
    await picture(page, "seat-ringing", tmp_path)
    await page.get_by_test_id("phone-answer").click()
    call = await asyncio.wait_for(dialling, 10)
    prompt = Clip("tone", write_tone(tmp_path / "tone.wav", seconds=2.0))
    playing = asyncio.create_task(call.play([prompt]))
    assert await loudest(page, "line-level", at_least=0.5, within_s=10) >= 0.5
    await playing
    recorded = await call.record(tmp_path / "agent.wav", max_s=1.3)
    assert recorded.speech_ms > 100  # Chromium's microphone beeps once a second
    await picture(page, "seat-talking", tmp_path)
    await page.get_by_test_id("phone-mute").click()
    await page.get_by_test_id("phone-keypad").click()
    await page.get_by_test_id("key-5").click()
    assert await call.read_digit(5) == "5"
    muted = await call.record(tmp_path / "muted.wav", max_s=1.3)
    assert muted.speech_ms == 0
    await page.get_by_test_id("phone-hang-up").click()
    await phone_is(page, "ready")
    assert call.end_cause == "bye"
    await page.wait_for_function("() => !document.title.startsWith('【来电】')")


async def test_an_agent_may_decline(world: World, line: BrowserLine, console: BrowserContext, url: str) -> None:
    page = await signed_in(console, url)
    dialling = ringing(line, world)
    await page.get_by_test_id("phone-decline").click()
    with pytest.raises(DialFailed) as declined:
        await asyncio.wait_for(dialling, 10)
    assert declined.value.failure is DialFailure.REJECTED
    await phone_is(page, "ready")


async def test_a_call_comes_back_after_the_network_was_away_and_moves_to_the_second_tab(
    world: World, line: BrowserLine, console: BrowserContext, url: str
) -> None:
    page = await signed_in(console, url)
    dialling = ringing(line, world)
    await page.get_by_test_id("phone-answer").click()
    call = await asyncio.wait_for(dialling, 10)
    await expect(page.get_by_test_id("phone-call")).to_be_visible()
    await page.evaluate(WATCH_STATES)
    assert call.wire is not None
    call.wire.cut()
    await page.wait_for_function("() => window.states.includes('away') && window.states.at(-1) === 'talking'")
    assert call.end_cause is None

    second = await console.new_page()
    await second.goto(f"{url}/")
    await expect(page.get_by_test_id("phone-elsewhere")).to_be_visible()
    await expect(second.get_by_test_id("phone-call")).to_be_visible()
    await second.get_by_test_id("phone-hang-up").click()
    await phone_is(second, "ready")
    assert call.end_cause == "bye"
    await page.get_by_test_id("phone-use-here").click()
    await phone_is(page, "ready")
    await expect(second.get_by_test_id("phone-elsewhere")).to_be_visible()
