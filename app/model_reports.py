"""What each recognising process has loaded, told through Redis so that it is true for every machine of the hotline."""

import json
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.model_follower import LoadedModel
from kit.clock import Clock, SystemClock

_KEY = "hotline:speech-model"
_GONE_AFTER = timedelta(seconds=120)
"""A process that has not reported for so long is not counted: it was killed before it could say goodbye."""


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One process: where it runs, and which model it recognises with since when."""

    host: str
    pid: int
    process: str
    model: str
    version: str
    sample_rate: int
    loaded_at: datetime
    seen_at: datetime


class ModelReporter:
    """For the process that recognises: say it again at least once a minute, and goodbye at the end."""

    def __init__(self, connection: Redis, process: str, clock: Clock | None = None) -> None:
        self._connection = connection
        self._process = process
        self._clock = clock or SystemClock()
        self._field = f"{socket.gethostname()}:{os.getpid()}"

    def report(self, loaded: LoadedModel) -> None:
        facts = {
            "process": self._process,
            "model": loaded.identity.name,
            "version": loaded.identity.version,
            "sample_rate": loaded.recogniser.sample_rate,
            "loaded_at": loaded.loaded_at.isoformat(),
            "seen_at": self._clock.now().isoformat(),
        }
        self._connection.hset(_KEY, self._field, json.dumps(facts))

    def say_goodbye(self) -> None:
        self._connection.hdel(_KEY, self._field)


def short_connection(redis_url: str) -> Redis:
    """For a word now and then; fails within a second or so when nobody answers."""
    return Redis.from_url(
        redis_url, socket_connect_timeout=0.5, socket_timeout=1.0, retry=Retry(NoBackoff(), 1), decode_responses=True
    )


def model_reports(redis_url: str, now: datetime) -> list[ModelReport] | None:
    """Living processes in a steady order; None: Redis does not answer, so nobody knows."""
    try:
        with short_connection(redis_url) as connection:
            stored = connection.hgetall(_KEY)
            reports = {str(field): _parsed(str(field), str(text)) for field, text in stored.items()}
            gone = [field for field, each in reports.items() if each is None or now - each.seen_at > _GONE_AFTER]
            if gone:
                connection.hdel(_KEY, *gone)
    except RedisError:
        return None
    living = [each for field, each in reports.items() if each is not None and field not in gone]
    return sorted(living, key=lambda each: (each.host, each.process, each.pid))


def _parsed(field: str, text: str) -> ModelReport | None:
    host, _, pid = field.rpartition(":")
    try:
        facts = json.loads(text)
        return ModelReport(
            host=host,
            pid=int(pid),
            process=str(facts["process"]),
            model=str(facts["model"]),
            version=str(facts["version"]),
            sample_rate=int(facts["sample_rate"]),
            loaded_at=datetime.fromisoformat(facts["loaded_at"]),
            seen_at=datetime.fromisoformat(facts["seen_at"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
