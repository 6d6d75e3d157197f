"""A citizen says his telephone number on a real call: the field plays it, the served sound and text do not say it."""

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import APIResponse, Browser, Page, expect

from app.demo.citizen import Citizen, spoken
from app.demo.house import House
from tests.e2e.console_page import PATIENCE_MS, at_a_seat

pytestmark = pytest.mark.e2e

SAID = "人民路的路灯坏了我的电话是幺三八零零幺三八零零零请尽快派人来修"
NUMBER, SPOKEN = "13800138000", "幺三八零零幺三八零零零"
STOPPED = """() => {
  const shown = document.querySelector('[data-testid=player-position]')
  const play = document.querySelector('[data-testid=player-play]')
  return play.dataset.playing === 'false' && Number(shown.dataset.ms) > %d
}"""


async def test_a_number_that_was_said_is_silenced_until_there_is_a_reason(
    house: House, citizen: Citizen, browser: Browser, tmp_path: Path
) -> None:
    a, b = await at_a_seat(browser, house, "agent-a"), await at_a_seat(browser, house, "agent-b")
    await citizen.leave_message(house.sip_uri, spoken(SAID, tmp_path / "number.wav"))
    arrived = a.get_by_test_id("work-item").filter(has_text="[电话]")  # other calls' tickets come and go beside it
    await arrived.first.click(timeout=PATIENCE_MS)
    await a.get_by_test_id("accept").click()
    await expect(a.get_by_test_id("resolve")).to_be_visible()
    ticket_id = await a.get_by_test_id("ticket-page").get_attribute("data-ticket-id")
    address = f"{house.url}/api/v1/tickets/{ticket_id}"
    answer = await a.request.get(address)
    assert not [secret for secret in (NUMBER, SPOKEN) if secret in await answer.text()]
    page = await answer.json()
    sound = f"{house.url}{page['recording']['audio_url']}"
    hidden = [word for word in page["transcript"]["words"] if word["redaction"] == "phone_number"]
    span = hidden[0]["start_ms"], hidden[-1]["end_ms"]
    assert span[1] - span[0] > 1000  # eleven digits

    inside, outside = await _levels(await a.request.get(sound), span)
    assert (inside, outside > 100) == (0.0, True)
    await _hears_exactly(a, '[data-kind="phone_number"]')

    await a.get_by_test_id("original-ask").click()
    await a.get_by_test_id("reason-submit").click()
    await expect(a.get_by_test_id("original-open")).to_be_visible()
    await expect(a.locator('[data-kind="phone_number"]').get_by_test_id("slot-label").first).to_have_text(NUMBER)
    inside, outside = await _levels(await a.request.get(f"{sound}?original=true"), span)
    assert min(inside, outside) > 100

    for path in (address, f"{address}/original", sound, f"{sound}?original=true"):
        assert (await b.request.get(path)).status == 404


async def _hears_exactly(page: Page, field: str) -> None:
    evidence = page.locator(field).get_by_test_id("slot-evidence").first
    start, end = [int(await evidence.get_attribute(f"data-{edge}-ms") or "") for edge in ("start", "end")]
    await expect(page.get_by_test_id("player-play")).to_be_enabled()
    await evidence.click()
    await page.wait_for_function(STOPPED % start)
    stopped = int(await page.get_by_test_id("player-position").get_attribute("data-ms") or "")
    assert abs(stopped - end) <= 50
    assert await page.get_by_test_id("word-marked").count() >= 1


async def _levels(answer: APIResponse, span_ms: tuple[Any, Any]) -> tuple[float, float]:
    """RMS of the sound within the span, and of the speech outside of it."""
    with wave.open(io.BytesIO(await answer.body())) as sound:
        per_ms = sound.getframerate() // 1000
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
    first, last = (edge * per_ms for edge in span_ms)
    outside = np.concatenate([samples[: first - 200 * per_ms], samples[last + 200 * per_ms :]])
    return float(np.sqrt(np.mean(samples[first:last] ** 2))), float(np.sqrt(np.mean(outside**2)))
