"""One real hotline, one citizen with an independent telephone, and a real browser."""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from app.demo.citizen import Citizen, Sound, citizen_at, spoken
from app.demo.house import House, hotline_house
from kit.net import free_port

SAID = "你好我想反映人民路的路灯坏了晚上很黑请尽快派人来修谢谢"
CHROMIUM = "/usr/bin/chromium"
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return spoken(SAID, tmp_path_factory.mktemp("voice") / "voice.wav")


@pytest.fixture(scope="session")
def citizen_port() -> int:
    return free_port(socket.SOCK_DGRAM)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, citizen_port: int) -> Iterator[House]:
    """A hotline on embedded defaults for the tests that leave it running."""
    with hotline_house(tmp_path_factory.mktemp("house"), trunk_port=citizen_port) as running:
        yield running


@pytest.fixture
async def citizen(tmp_path: Path, citizen_port: int) -> AsyncIterator[Citizen]:
    async with citizen_at(tmp_path / "phone", citizen_port) as someone:
        yield someone


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield chromium
        await chromium.close()
