"""The web process of a small hotline, on both databases, behind a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.api.feed_socket import FeedTiming
from app.bootstrap import Services, build_services
from app.feed_nudges import LocalNudges
from app.web import create_app
from config.settings import Settings
from kit.clock import FixedClock
from kit.db import Database
from tests.api.world import Console, World, nudging, signing_in_quickly, web_server
from tests.support.ports import free_port

QuickBeat = FeedTiming(beat_s=0.2, resume_within_s=1.0)


@pytest.fixture
def services(database: Database, database_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Services]:
    """All real but Redis (away) and the cost of a password hash."""
    settings = Settings(
        data_dir=tmp_path / "var",
        database_url=database_url,
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
        console_dir=tmp_path / "console",
    )
    built = build_services(settings, clock)
    yield nudging(signing_in_quickly(built), LocalNudges(poll_s=0.2))
    built.db.dispose()


@pytest.fixture
def world(services: Services, clock: FixedClock, tmp_path: Path) -> World:
    return World(services, clock, tmp_path)


@pytest.fixture
def url(world: World) -> Iterator[str]:
    """A running web process."""
    with web_server(create_app(world.services, feed_timing=QuickBeat)) as address:
        yield address


@pytest.fixture
def console(url: str) -> Iterator[Callable[[str], Console]]:
    """A signed-in console of a person, by login; an empty login: nobody signed in."""
    opened: list[Console] = []

    def open_console(login: str) -> Console:
        opened.append(Console(url))
        if login:
            assert opened[-1].sign_in(login).status_code == 200
        return opened[-1]

    yield open_console
    for each in opened:
        each.http.close()
