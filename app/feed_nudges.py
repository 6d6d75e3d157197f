"""Tells web processes that there is something new to read. A nudge carries no facts and may be lost.

The database is the truth: whoever listens also wakes up by himself every two seconds, so without Redis
the feed is only slower.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Protocol

import redis
import redis.asyncio
import structlog
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

POLL_S = 2.0
TOPICS = frozenset({"ticket", "callback", "presence", "call", "seat_call"})

_CHANNEL = "hotline:nudges"
_TIMEOUT_S = 0.5
_PAUSE_S = 1.0
"""After a failed publish nobody tries again for so long: a dead Redis must not slow down a call."""


class FeedNudges(Protocol):
    """Publish never raises and never waits long; listen never ends."""

    def publish(self, topic: str) -> None: ...

    def listen(self) -> AsyncIterator[frozenset[str]]:
        """The topics nudged since the last item; an empty set is the regular look-around.

        All topics come at once after a time in which nudges may have been missed.
        """
        ...

    def is_reachable(self) -> bool: ...


class RedisNudges:
    """Redis publish/subscribe between processes."""

    def __init__(self, url: str, *, poll_s: float = POLL_S) -> None:
        self._url = url
        self._poll_s = poll_s
        self._client = redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        )
        self._paused_until = 0.0

    def publish(self, topic: str) -> None:
        if time.monotonic() < self._paused_until:
            return
        try:
            self._client.publish(_CHANNEL, topic)
        except (RedisError, OSError) as error:
            self._paused_until = time.monotonic() + _PAUSE_S
            log.warning("app.nudge.lost", topic=topic, error_type=type(error).__name__)

    async def listen(self) -> AsyncIterator[frozenset[str]]:
        is_away = False
        while True:
            try:
                async with self._subscription() as pubsub:
                    await pubsub.subscribe(_CHANNEL)
                    is_away = False
                    yield TOPICS
                    while True:
                        yield await self._next(pubsub)
            except (RedisError, OSError) as error:
                if not is_away:
                    log.warning("app.nudge.away", error_type=type(error).__name__, poll_s=self._poll_s)
                is_away = True
            yield TOPICS
            await asyncio.sleep(self._poll_s)

    def is_reachable(self) -> bool:
        try:
            return bool(self._client.ping())
        except (RedisError, OSError):
            return False

    def _subscription(self) -> redis.asyncio.client.PubSub:
        client = redis.asyncio.Redis.from_url(
            self._url, socket_connect_timeout=_TIMEOUT_S, retry=AsyncRetry(NoBackoff(), 0)
        )
        return client.pubsub(ignore_subscribe_messages=True)

    async def _next(self, pubsub: redis.asyncio.client.PubSub) -> frozenset[str]:
        """Wait for one message at most a poll's length, then take all that are there already."""
        topics: set[str] = set()
        message = await pubsub.get_message(timeout=self._poll_s)
        while message is not None:
            topics.add(message["data"].decode())
            message = await pubsub.get_message(timeout=0)
        return frozenset(topics)


class LocalNudges:
    """The same within one process, for tests and dry runs."""

    def __init__(self, *, poll_s: float = POLL_S) -> None:
        self._poll_s = poll_s
        self._topics: set[str] = set()
        self._listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def publish(self, topic: str) -> None:
        self._topics.add(topic)
        for loop, nudged in self._listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(nudged.set)

    async def listen(self) -> AsyncIterator[frozenset[str]]:
        nudged = asyncio.Event()
        self._listeners.append((asyncio.get_running_loop(), nudged))
        yield TOPICS
        while True:
            try:
                async with asyncio.timeout(self._poll_s):
                    await nudged.wait()
            except TimeoutError:
                yield frozenset()
                continue
            nudged.clear()
            topics, self._topics = self._topics, set()
            yield frozenset(topics)

    def is_reachable(self) -> bool:
        return True
