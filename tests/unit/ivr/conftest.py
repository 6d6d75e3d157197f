"""One phone stage per test, on a small SQLite file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.prompt_book import PromptBook
from kit.clock import FixedClock
from kit.db import Database
from tests.support.phone_stage import PhoneStage, silent_prompts


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """What breaks on purpose here would fill the screen with traces."""
    with capture_logs():
        yield


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> PromptBook:
    return silent_prompts(tmp_path_factory.mktemp("prompts"))


@pytest.fixture
def stage(tmp_path: Path, clock: FixedClock, prompts: PromptBook, sqlite_with_tables: Path) -> Iterator[PhoneStage]:
    db = Database(f"sqlite:///{shutil.copy(sqlite_with_tables, tmp_path / 'hotline.sqlite3')}")
    yield PhoneStage(tmp_path, db, clock, prompts)
    db.dispose()
