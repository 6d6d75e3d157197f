"""The phone stage on every database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kit.clock import FixedClock
from kit.db import Database
from tests.support.phone_stage import PhoneStage, silent_prompts


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """What breaks on purpose here would fill the screen with traces."""
    with capture_logs():
        yield


@pytest.fixture
def stage(tmp_path: Path, database: Database, clock: FixedClock) -> PhoneStage:
    return PhoneStage(tmp_path, database, clock, silent_prompts(tmp_path))
