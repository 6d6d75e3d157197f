"""Fixtures every test may use: a clock that stands still, and an empty database of each kind."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from xdist.remote import Producer

from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from tests.support.asterisk import Asterisk, running_asterisk
from tests.support.databases import PostgresDatabases, make_tables
from tests.support.lanes import Lanes, turn_of
from tests.support.postgres import postgres_server

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, 12:00 in Beijing."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test session (URL without a database name)."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str) -> Iterator[PostgresDatabases]:
    databases = PostgresDatabases(postgres_url)
    yield databases
    databases.dispose()


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "with_tables.sqlite3"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """A real Asterisk of this test session; a test that kills one makes its own."""
    with running_asterisk(tmp_path_factory.mktemp("asterisk")) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, once SQLite, once PostgreSQL: without tables, unless the test uses `database`."""
    has_tables = "database" in request.fixturenames
    if request.param == "postgres":
        databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
        with databases.fresh(has_tables=has_tables) as url:
            yield url
    else:
        path = tmp_path / "hotline.sqlite3"
        if has_tables:
            shutil.copy(request.getfixturevalue("sqlite_with_tables"), path)
        yield f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with all tables."""
    db = Database(database_url)
    yield db
    db.dispose()


@pytest.fixture
def facts(database: Database) -> list[Event]:
    """Everything published after commits of `database`, in order."""
    published: list[Event] = []
    database.bus.subscribe(published.append)
    return published
