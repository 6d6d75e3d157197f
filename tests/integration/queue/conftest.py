from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench.scratch_redis import ScratchRedis, scratch_redis
from kit.db import Database
from tests.integration.queue.stage import Stage


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[ScratchRedis]:
    """A real Redis of this test's own."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with scratch_redis(folder) as server:
        yield server


@pytest.fixture
def stage(redis: ScratchRedis, database: Database, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(redis, database, tmp_path)
    yield stage
    stage.end()
