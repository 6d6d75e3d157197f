"""A live call in the browser: it rings at A and only at A, is talked with words on the screen, written up, a ticket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from app.demo.baresip import Baresip, PhonePorts, baresip_phone, phone_ports
from app.demo.citizen import CITIZEN_NUMBER, Citizen, Sound, spoken
from app.demo.house import House
from tests.e2e.console_page import PATIENCE_MS, at_a_seat, signed_in

pytestmark = pytest.mark.e2e

_WALL = {"width": 1920, "height": 1080}
_SOON_MS = 15_000


@pytest.fixture
def desk_ports() -> PhonePorts:
    return phone_ports()


@pytest.fixture
async def desk_phone(desk_ports: PhonePorts, tmp_path: Path) -> AsyncIterator[Baresip]:
    silence = Sound(tmp_path / "silence.wav", b"", 300)
    async with baresip_phone(tmp_path / "801", desk_ports, number="801", silence=silence.path) as phone:
        yield phone


@pytest.fixture
def greeting(tmp_path: Path) -> Sound:
    return spoken("您好这里是市民热线请讲", tmp_path / "greeting.wav")


async def _use_phone(page: Page, number: str, ports: PhonePorts) -> None:
    await page.get_by_test_id("my-phone-edit").click()
    await page.get_by_test_id("my-phone-address").fill(f"sip:{number}@127.0.0.1:{ports.sip}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("my-phone")).to_have_attribute("data-state", "ready")


async def _stands(page: Page, status: str) -> None:
    await expect(page.get_by_test_id("seat-call")).to_have_attribute("data-status", status, timeout=_SOON_MS)


async def _says(page: Page, side: str) -> None:
    words = page.locator(f'[data-testid="live-line"][data-side="{side}"][data-final="true"]')
    await expect(words.first).to_be_visible(timeout=_SOON_MS)


async def _turns(page: Page, order: str, back: str) -> None:
    await page.get_by_test_id(f"order-{order}").click()
    await expect(page.get_by_test_id(f"order-{back}")).to_be_visible(timeout=_SOON_MS)


async def test_a_call_rings_at_its_person_is_talked_written_up_and_becomes_his_ticket(
    house: House,
    citizen: Citizen,
    desk_phone: Baresip,
    desk_ports: PhonePorts,
    voice: Sound,
    greeting: Sound,
    browser: Browser,
    tmp_path: Path,
) -> None:
    a, b = await at_a_seat(browser, house, "agent-a"), await at_a_seat(browser, house, "agent-b")
    await _use_phone(a, "801", desk_ports)
    wall = await signed_in(browser, house, "banzhang")
    await wall.set_viewport_size(_WALL)  # type: ignore[arg-type]
    await wall.get_by_role("link", name="实时话务").click()
    before = await a.get_by_test_id("work-item").count()

    await citizen.dial(house.sip_uri)
    await citizen.choose("0")
    await _stands(a, "offered")
    await expect(a.get_by_test_id("ringing-caller")).to_contain_text(CITIZEN_NUMBER)
    await a.wait_for_function("document.title.startsWith('【来电】')")
    await a.screenshot(path=tmp_path / "ringing.png")
    await expect(b.get_by_test_id("seat-call")).to_have_count(0)
    assert "来电" not in await b.title()

    await desk_phone.pick_up(timeout_s=10)
    await _stands(a, "talking")
    await desk_phone.speak(greeting.path)
    await _says(a, "agent")
    await citizen.say(voice)
    await _says(a, "citizen")
    await _the_supervisor_wants_to_listen(wall, tmp_path)

    await _turns(a, "pause_recording", "resume_recording")
    await expect(a.get_by_test_id("recording-paused")).to_be_visible()
    await _turns(a, "hold", "resume")
    await a.screenshot(path=tmp_path / "talking.png")
    await _turns(a, "resume", "hold")
    await _turns(a, "resume_recording", "pause_recording")
    await a.get_by_test_id("wrap-up-note").fill("人民路路灯")
    await a.reload()
    await expect(a.get_by_test_id("wrap-up-note")).to_have_value("人民路路灯")
    await _says(a, "agent")  # what was said before is there again
    await _says(a, "citizen")

    await a.get_by_test_id("order-hang_up").click()
    await citizen.phone.wait_for("CALL_CLOSED", timeout_s=20)
    await _writes_it_up(a, tmp_path)
    await expect(a.get_by_test_id("work-item")).to_have_count(before + 1, timeout=PATIENCE_MS)
    assert await a.evaluate("Object.keys(sessionStorage).filter((key) => key.endsWith('.wrapUp')).length") == 0


async def _the_supervisor_wants_to_listen(wall: Page, folder: Path) -> None:
    await expect(wall.get_by_test_id("figure-talking")).to_have_text("1")
    await expect(wall.get_by_test_id("live-call")).to_have_attribute("data-status", "talking")
    await wall.screenshot(path=folder / "wallboard.png")
    await wall.get_by_test_id("order-listen").click()
    await expect(wall.get_by_test_id("phone-ringing")).to_be_visible(timeout=_SOON_MS)  # his phone is his browser
    await wall.get_by_test_id("phone-decline").click()


async def _writes_it_up(a: Page, folder: Path) -> None:
    """With the note that he began in the talk, and not without a code."""
    await _stands(a, "wrap_up")
    await expect(a.get_by_test_id("wrap-up-note")).to_have_value("人民路路灯")
    await a.get_by_test_id("wrap-up-send").click()
    await expect(a.get_by_test_id("wrap-up-missing")).to_be_visible()
    await a.screenshot(path=folder / "wrap-up.png")
    await a.get_by_test_id("wrap-up-code-ticket").check()
    await a.get_by_test_id("wrap-up-send").click()
    await expect(a.get_by_test_id("seat-call")).to_have_count(0)
