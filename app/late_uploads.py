"""Takes uploads in when no worker does it in time: intake works with the speech engine dead or drowned.

Each in a process of its own, one at a time and with low priority, because decoding an hour of sound takes memory that
the scheduler must not grow by. A worker that comes back in the middle does no harm: taking in may be repeated.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta

import structlog

from app.bootstrap import Services
from app.views.database_health import DATABASE_AWAY
from app.views.upload_progress import open_uploads

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 5.0
_WITHIN_S = 600
_NICENESS = 10


class LateUploads:
    """`look` takes in once what has waited longer than patience allows; `run` does so for ever, in a thread."""

    def __init__(self, services: Services, environment: Mapping[str, str] | None = None) -> None:
        self._services = services
        self._environment = {**os.environ, **(environment or {})}
        self._patience = timedelta(seconds=services.policy.speech.give_up_after_s)

    def run(self, stopped: threading.Event) -> None:
        while not stopped.wait(_LOOK_EVERY_S):
            try:
                self.look()
            except DATABASE_AWAY:
                continue  # the scheduler says so
            except Exception:
                log.exception("app.late_uploads.look_failed")

    def look(self) -> None:
        with self._services.db.reading() as session:
            late = open_uploads(session, self._services.clock.now() - self._patience)
        for upload_id in late:
            self._take_in(upload_id)

    def _take_in(self, upload_id: str) -> None:
        command = [sys.executable, "-m", "app.cli", "take-in", upload_id]
        try:
            ended = subprocess.run(
                ["nice", "-n", str(_NICENESS), *command],
                env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_WITHIN_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            log.warning("app.late_uploads.too_slow", upload_id=upload_id)
            return
        log.info("app.late_uploads.tried", upload_id=upload_id, status=ended.returncode)
