"""One real hotline, one citizen with an independent telephone, and a real browser."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from app.demo.baresip import PhonePorts, phone_ports
from app.demo.citizen import Citizen, Sound, citizen_at, spoken
from app.demo.house import House, hotline_house
from tests.e2e.brief_prompts import brief_prompts
from tests.e2e.browsers import CHROMIUM, QUIET

SAID = "你好我想反映人民路的路灯坏了晚上很黑请尽快派人来修谢谢"


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return spoken(SAID, tmp_path_factory.mktemp("voice") / "voice.wav")


@pytest.fixture(scope="session")
def citizen_ports() -> PhonePorts:
    return phone_ports()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, citizen_ports: PhonePorts) -> Iterator[House]:
    """A hotline on embedded defaults for the tests that leave it running.

    Whole announcements are heard in test_server_databases.py.
    """
    extra = {"HOTLINE_PROMPTS_DIR": str(brief_prompts(tmp_path_factory.mktemp("prompts")))}
    with hotline_house(
        tmp_path_factory.mktemp("house"), trunk_port=citizen_ports.sip, accept_s=30, extra=extra
    ) as running:
        yield running


@pytest.fixture
async def citizen(tmp_path: Path, citizen_ports: PhonePorts) -> AsyncIterator[Citizen]:
    async with citizen_at(tmp_path / "phone", citizen_ports) as someone:
        yield someone


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        await chromium.close()
