"""The ticket page in a real browser: fields play their words, what is masked stays masked until a reason is given."""

import io
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, expect

from app.bootstrap import build_services
from app.feed_nudges import LocalNudges
from app.schema import METADATA
from app.web import create_app
from asr.domain.privacy.silencing import PADDING_MS
from config.settings import ROOT, Settings
from kit.clock import SystemClock
from tests.api.said import MASKED, NUMBER, PHONE_SPAN_MS, SECRETS, said_ticket
from tests.api.world import PASSWORD, World, nudging, signing_in_quickly, web_server
from tests.support.ports import free_port

pytestmark = pytest.mark.e2e

SEEN_MS = """() => {
  const shown = document.querySelector('[data-testid=player-position]')
  window.seenMs = []
  new MutationObserver(() => window.seenMs.push(Number(shown.dataset.ms)))
    .observe(shown, { attributes: true, attributeFilter: ['data-ms'] })
}"""
STOPPED = """() => document.querySelector('[data-testid=player-play]').dataset.playing === 'false'
  && window.seenMs.length > 2"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = Settings(
        data_dir=tmp_path / "var",
        database_url=f"sqlite:///{tmp_path / 'hotline.sqlite3'}",
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
        console_dir=ROOT / "console" / "dist",
    )
    clock = SystemClock()
    services = nudging(signing_in_quickly(build_services(settings, clock)), LocalNudges(poll_s=0.2))
    METADATA.create_all(services.db.engine)
    yield World(services, clock, tmp_path)
    services.db.dispose()


@pytest.fixture
def ticket(world: World) -> str:
    return said_ticket(world)[0]


@pytest.fixture
def url(world: World, ticket: str) -> Iterator[str]:
    with web_server(create_app(world.services)) as address:
        yield address


class Wire:
    """Everything that the browser received, as text."""

    def __init__(self, context: BrowserContext) -> None:
        self._answers: list[Response] = []
        context.on("response", lambda answer: self._answers.append(answer))

    async def secrets(self) -> list[tuple[str, str]]:
        found = []
        for answer in self._answers:
            if "/api/v1/" in answer.url and answer.status == 200 and "/feed" not in answer.url:
                text = (await answer.body()).decode("utf-8", errors="replace")
                found += [(answer.url, secret) for secret in SECRETS if secret in text]
        return found


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context
    await context.close()


async def open_ticket(page: Page, url: str, ticket: str, login: str = "ann") -> None:
    await page.goto(f"{url}/")
    await page.get_by_test_id("login-name").fill(login)
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await page.get_by_test_id("work-item").first.click()
    await expect(page.get_by_test_id("ticket-page")).to_have_attribute("data-ticket-id", ticket)


async def test_a_fields_evidence_plays_exactly_those_words_and_unsure_ones_wait_for_a_person(
    context: BrowserContext, url: str, ticket: str
) -> None:
    page = await context.new_page()
    await open_ticket(page, url, ticket)
    evidence = page.locator('[data-kind="category"]').get_by_test_id("slot-evidence")
    await expect(page.get_by_test_id("player-play")).to_be_enabled()
    await page.evaluate(SEEN_MS)
    await evidence.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_function(STOPPED)
    seen = await page.evaluate("window.seenMs")
    start, end = [int(await evidence.get_attribute(f"data-{edge}-ms") or "") for edge in ("start", "end")]
    assert abs(min(seen) - start) <= 50, seen
    assert abs(seen[-1] - end) <= 50, seen
    assert await page.get_by_test_id("word-marked").all_inner_texts() == ["路灯", "不亮"]

    place = page.locator('[data-kind="place"]')
    await expect(place.get_by_test_id("slot-undecided")).to_have_text("待确认")
    await expect(page.locator('[data-kind="category"]').get_by_test_id("slot-undecided")).to_have_count(0)
    await place.get_by_test_id("slot-confirm").click()
    await expect(place.get_by_test_id("slot-decision")).to_have_text("人民路［门牌］")
    await expect(place.get_by_test_id("slot-undecided")).to_have_count(0)


async def levels(page: Page, address: str) -> tuple[float, float]:
    """RMS of the sound where the number was said, with its padding, and behind that."""
    answer = await page.request.get(address)
    with wave.open(io.BytesIO(await answer.body())) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
    first, last = (PHONE_SPAN_MS[0] - PADDING_MS) * 8, (PHONE_SPAN_MS[1] + PADDING_MS) * 8
    return float(np.sqrt(np.mean(samples[first:last] ** 2))), float(np.sqrt(np.mean(samples[last:] ** 2)))


async def test_masked_until_a_reason_is_given(context: BrowserContext, url: str, ticket: str, world: World) -> None:
    page, wire = await context.new_page(), Wire(context)
    await open_ticket(page, url, ticket)
    await expect(page.get_by_test_id("quality-flag")).to_have_text("录音太轻")
    masked_word = page.locator('[data-redaction="phone_number"]')
    await expect(masked_word).to_have_text("［电话］")
    await page.get_by_test_id("layer-raw").click()
    await expect(masked_word).to_have_text("＊＊")
    await expect(page.get_by_test_id("model")).to_contain_text("mini-cn 3")
    assert await wire.secrets() == []
    page_data = await (await page.request.get(f"{url}/api/v1/tickets/{ticket}")).json()
    sound = f"{url}{page_data['recording']['audio_url']}"
    inside, outside = await levels(page, sound)
    assert (inside, outside > 100) == (0.0, True)

    await page.get_by_test_id("original-ask").click()
    await page.get_by_test_id("reason-other").click()
    await expect(page.get_by_test_id("reason-submit")).to_be_disabled()
    await page.get_by_test_id("reason-correction").click()
    await page.get_by_test_id("reason-submit").click()
    await expect(page.get_by_test_id("original-open")).to_contain_text("29:")
    await page.get_by_test_id("layer-reading").click()
    await expect(masked_word).to_have_text(NUMBER)
    await expect(page.get_by_test_id("timeline-row").first).to_have_attribute("data-action", "open_original")
    assert min(await levels(page, f"{sound}?original=true")) > 100

    await page.get_by_test_id("correct").click()
    await page.get_by_test_id("correction-text").fill("人民路的路灯灭了")
    await page.reload()
    await expect(page.get_by_test_id("correction-text")).to_have_value("人民路的路灯灭了")  # the draft is kept
    await page.get_by_test_id("correction-submit").click()
    await expect(page.get_by_test_id("corrected")).to_contain_text("人民路的路灯灭了")
    await expect(page.get_by_test_id("corrected")).to_contain_text("Ann")
    assert world.services.tickets.ticket(ticket).text == "人民路的路灯灭了" != MASKED
