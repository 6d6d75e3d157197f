from pathlib import Path

import pytest

from kit.clock import FixedClock
from kit.db import Database
from tests.integration.intake.stage import Stage


@pytest.fixture
def stage(database: Database, clock: FixedClock, tmp_path: Path) -> Stage:
    return Stage(database, clock, tmp_path)
