"""Fixtures every test may use: a clock that stands still, and an empty database of each kind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.schema import METADATA
from kit.clock import FixedClock
from kit.db import Database
from kit.events import Event
from kit.ids import new_id
from tests.support.asterisk import Asterisk, running_asterisk
from tests.support.postgres import postgres_server

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, 12:00 in Beijing."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test session (URL without a database name)."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """A real Asterisk of this test session; a test that kills one makes its own."""
    with running_asterisk(tmp_path_factory.mktemp("asterisk")) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database without tables: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hotline.sqlite3'}"
    server: str = request.getfixturevalue("postgres_url")
    name = f"t_{new_id()}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server}/{name}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with all tables."""
    db = Database(database_url)
    METADATA.create_all(db.engine)
    yield db
    db.dispose()


@pytest.fixture
def facts(database: Database) -> list[Event]:
    """Everything published after commits of `database`, in order."""
    published: list[Event] = []
    database.bus.subscribe(published.append)
    return published
