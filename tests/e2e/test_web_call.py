"""A citizen with a browser and no telephone: what he says on /call becomes a ticket on an agent's screen."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from app.demo.citizen import Sound
from app.demo.house import House
from app.demo.seat import signed_in_seat
from app.demo.voice import character_error_rate
from config.settings import ROOT
from ivr.domain.prompts import Prompt
from ivr.prompt_book import PromptBook
from tests.e2e.browsers import CHROMIUM, FAKE_MICROPHONE, QUIET, loudest
from tests.e2e.conftest import SAID
from tests.e2e.console_page import PATIENCE_MS, at_a_seat, picture, rung_in_the_browser

pytestmark = pytest.mark.e2e

PHONE_SCREEN = {"width": 390, "height": 844}
_LINE_TALKS_S = 2.0
"""More than it takes from the open microphone to the key, beside what the line says before its beep."""


@pytest.fixture
async def telephone(voice: Sound, tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser whose microphone is silent until the beep, and then hears the voice once."""
    sound = _after_silence(voice.path, _seconds_before_the_beep() + _LINE_TALKS_S, tmp_path / "microphone.wav")
    arguments = [*QUIET, *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={sound}%noloop"]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        await chromium.close()


async def test_a_call_from_the_web_page_becomes_a_ticket_with_its_words(
    house: House, voice: Sound, browser: Browser, telephone: Browser, tmp_path: Path
) -> None:
    agent = await at_a_seat(browser, house, "agent-a")
    before = await agent.get_by_test_id("work-item").count()
    page = await _call_page(telephone, house)
    await picture(page, "call-idle", tmp_path)

    await page.get_by_test_id("call-start").click()
    await expect(page.get_by_test_id("call-page")).to_have_attribute("data-state", "talking", timeout=PATIENCE_MS)
    greeting = await loudest(page, "line-level", at_least=0.3)
    assert greeting >= 0.3, "the greeting was not heard"
    await page.get_by_test_id("key-1").click()
    spoken = await loudest(page, "microphone-level", at_least=0.3)
    assert spoken >= 0.3, "the voice did not reach the page"
    await picture(page, "call-talking", tmp_path)
    await asyncio.sleep(voice.seconds + 0.5)  # speaking takes as long as it takes
    await page.get_by_test_id("call-hang-up").click()
    await expect(page.get_by_test_id("call-page")).to_have_attribute("data-state", "over")
    await picture(page, "call-over", tmp_path)

    await expect(agent.get_by_test_id("work-item")).to_have_count(before + 1, timeout=PATIENCE_MS)
    await agent.get_by_test_id("work-item").first.click()
    words = agent.get_by_test_id("transcript-word")
    await expect(words.first).to_be_visible(timeout=PATIENCE_MS)
    assert character_error_rate(SAID, "".join(await words.all_inner_texts())) < 0.35
    await picture(agent, "call-ticket", tmp_path)


async def test_who_presses_0_on_the_page_talks_with_an_agent_in_his_browser(
    house: House, telephone: Browser, tmp_path: Path
) -> None:
    # his microphone is the same as the citizen's: a voice after some silence
    agent = await rung_in_the_browser(telephone, house, "agent-a")
    await expect(agent.get_by_test_id("phone-chip")).to_have_attribute("data-state", "ready")
    citizen = await _call_page(telephone, house)
    await citizen.get_by_test_id("call-start").click()
    await expect(citizen.get_by_test_id("call-page")).to_have_attribute("data-state", "talking", timeout=PATIENCE_MS)
    assert await loudest(citizen, "line-level", at_least=0.3) >= 0.3
    await citizen.get_by_test_id("key-0").click()
    await expect(agent.get_by_test_id("phone-ringing")).to_be_visible(timeout=PATIENCE_MS)
    await agent.get_by_test_id("phone-answer").click()
    await expect(agent.get_by_test_id("phone-call")).to_be_visible()
    assert await loudest(agent, "line-level", at_least=0.3) >= 0.3, "the agent does not hear the citizen"
    assert await loudest(citizen, "line-level", at_least=0.3) >= 0.3, "the citizen does not hear the agent"
    await picture(agent, "seat-in-a-talk", tmp_path)
    await citizen.get_by_test_id("call-hang-up").click()
    await expect(agent.get_by_test_id("phone-chip")).to_have_attribute("data-state", "ready")
    async with signed_in_seat(house.url, "agent-a", house.passwords["agent-a"]) as seat:
        mine = await seat.get("/seat-calls/mine")
        assert mine["status"] == "wrap_up"
        await seat.post(f"/seat-calls/{mine['call_id']}/wrap-up", {"code": "nothing_said", "note": ""})


async def test_who_has_no_microphone_is_told_so_in_his_language(house: House, browser: Browser) -> None:
    page = await _call_page(browser, house)  # this browser has no device and allows none
    await page.get_by_test_id("call-start").click()
    await expect(page.get_by_test_id("call-problem")).to_contain_text("麦克风")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("call-problem")).to_contain_text("microphone")


async def _call_page(browser: Browser, house: House) -> Page:
    context = await browser.new_context(viewport=PHONE_SCREEN, locale="zh-CN")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{house.url}/call")
    await expect(page.get_by_test_id("call-start")).to_be_visible()
    return page


def _seconds_before_the_beep() -> float:
    """What the line says after the key 1."""
    prompts = PromptBook.load(ROOT / "config" / "prompts")
    return sum(_seconds(prompts.clip(prompt).path) for prompt in (Prompt.MESSAGE_PROMPT, Prompt.BEEP))


def _seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _after_silence(voice: Path, seconds: float, path: Path) -> Path:
    with wave.open(str(voice), "rb") as sound, wave.open(str(path), "wb") as out:
        out.setparams(sound.getparams())
        out.writeframes(bytes(2 * int(seconds * sound.getframerate())))
        out.writeframes(sound.readframes(sound.getnframes()))
        out.writeframes(bytes(2 * 10 * sound.getframerate()))
    return path
