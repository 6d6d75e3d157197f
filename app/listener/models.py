"""The speech model of the listener: the one in use on this machine, followed when an operator chooses another."""

import time
from pathlib import Path

import structlog
from redis.exceptions import RedisError

from app.model_choice import ModelChoice
from app.model_follower import ModelFollower
from app.model_reports import ModelReporter, short_connection
from asr.adapters.model_files import model_identity
from asr.adapters.model_probe import probe_model
from asr.adapters.vosk_live import VoskStreams
from config.settings import Settings

log = structlog.get_logger(__name__)

_PROCESS = "listener"
_REPORT_EVERY_S = 30.0


class ModelsInUse:
    """LiveModels of the hotline. A model that does not load is rolled back by its follower.

    Says now and then which one it is; that nobody can be told is no reason not to listen.
    """

    def __init__(self, settings: Settings) -> None:
        self._redis_url = settings.effective_redis_url
        self._report_from = 0.0
        self._follower = ModelFollower(
            ModelChoice(settings), load=self._bring_in, probe=probe_model, identity_of=model_identity
        )

    def load(self) -> VoskStreams:
        self._follower.loaded()
        return self._streams

    def follow(self) -> VoskStreams | None:
        is_another = self._follower.follow()
        if is_another or time.monotonic() >= self._report_from:
            self._report()
        return self._streams if is_another else None

    def say_goodbye(self) -> None:
        try:
            with short_connection(self._redis_url) as connection:
                ModelReporter(connection, _PROCESS).say_goodbye()
        except RedisError as error:
            log.warning("listener.model.goodbye_not_said", reason=type(error).__name__)

    def _report(self) -> None:
        """With a connection of its own each time: none is open when a child is forked."""
        self._report_from = time.monotonic() + _REPORT_EVERY_S
        try:
            with short_connection(self._redis_url) as connection:
                ModelReporter(connection, _PROCESS).report(self._follower.loaded())
        except RedisError as error:
            log.warning("listener.model.not_reported", reason=type(error).__name__)

    def _bring_in(self, folder: Path) -> VoskStreams:
        self._streams = VoskStreams(folder)
        return self._streams
