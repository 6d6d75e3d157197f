"""A worker's circuit breaker at work: fed with how jobs ended, its state told to whoever asks.

Each worker has its own, in its memory; Redis only shows which ones are open (doctor, health).
"""

from datetime import datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.utils import as_text

from app.work_horse import Ending
from asr.domain.breaker import Breaker, BreakerPolicy
from kit.clock import Clock, SystemClock

log = structlog.get_logger(__name__)

_KEY = "hotline:speech:resting:"
_SHOWN_BEYOND_REST = timedelta(seconds=60)
"""The probe after the rest takes its time; a worker that is killed is forgotten after that."""


def resting_workers(connection: Redis) -> dict[str, datetime]:
    """Workers whose breaker is open, and since when; raises RedisError."""
    keys = [as_text(key) for key in connection.scan_iter(f"{_KEY}*")]
    since = connection.mget(keys) if keys else []
    return {
        key.removeprefix(_KEY): datetime.fromisoformat(as_text(value))
        for key, value in zip(keys, since, strict=True)
        if value
    }


class WorkerBreaker:
    def __init__(self, policy: BreakerPolicy, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._breaker = Breaker(policy)

    def rests(self) -> bool:
        """No job is to be taken now."""
        return self._breaker.rest_left(self._clock.now()) > timedelta()

    def note(self, connection: Redis, worker: str, message_id: str, ending: Ending) -> None:
        """What went wrong elsewhere (file, database) says nothing about the recogniser."""
        before = self._breaker
        if ending is Ending.DONE:
            self._breaker = before.after_success()
        elif ending is not Ending.RAISED:
            self._breaker = before.after_failure(message_id, self._clock.now())
        if self._breaker.opened_at == before.opened_at:
            return
        if self._breaker.is_open:
            rest_s = self._breaker.policy.rest.total_seconds()
            log.error("asr.breaker.opened", worker=worker, messages=len(self._breaker.failed), rest_s=rest_s)
        else:
            log.info("asr.breaker.closed", worker=worker)
        self._show(connection, worker)

    def _show(self, connection: Redis, worker: str) -> None:
        key = _KEY + worker
        try:
            if self._breaker.opened_at is None:
                connection.delete(key)
            else:
                shown = self._breaker.policy.rest + _SHOWN_BEYOND_REST
                connection.set(key, self._breaker.opened_at.isoformat(), ex=shown)
        except RedisError as error:
            log.warning("app.worker_breaker.not_shown", reason=type(error).__name__)
