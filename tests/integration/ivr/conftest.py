"""The phone stage on every database."""

from pathlib import Path

import pytest

from kit.clock import FixedClock
from kit.db import Database
from tests.support.phone_stage import PhoneStage, silent_prompts


@pytest.fixture
def stage(tmp_path: Path, database: Database, clock: FixedClock) -> PhoneStage:
    return PhoneStage(tmp_path, database, clock, silent_prompts(tmp_path))
