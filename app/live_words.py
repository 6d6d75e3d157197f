"""The words of a talk while they are spoken, from the telephony process to the screen of its person.

Through Redis' publish/subscribe: they are for the eye, may be lost, and are written down nowhere on the way. The text
that counts is made of the recording.
"""

import json
import queue
import threading
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Protocol

import redis
import redis.asyncio
import structlog
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

_CHANNEL = "hotline:live-words"
_TIMEOUT_S = 0.5
_MOST_WAITING = 1000


@dataclass(frozen=True, slots=True)
class SpokenText:
    """What was understood; a later one of the same side replaces it until it is final."""

    call_id: str
    person_id: str
    side: str
    text: str
    is_final: bool


class LiveWords(Protocol):
    """Called from the event loop; never waits, never raises."""

    def assign(self, call_id: str, person_id: str) -> None:
        """From now on the words of this call are for that person."""
        ...

    def forget(self, call_id: str) -> None: ...

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None: ...


class RedisLiveWords:
    """Publishes from a thread of its own; with Redis away the words are dropped."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        )
        self._persons: dict[str, str] = {}
        self._waiting: queue.Queue[SpokenText] = queue.Queue(_MOST_WAITING)
        threading.Thread(target=self._publish, name="live-words", daemon=True).start()

    def assign(self, call_id: str, person_id: str) -> None:
        self._persons[call_id] = person_id

    def forget(self, call_id: str) -> None:
        self._persons.pop(call_id, None)

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None:
        person_id = self._persons.get(call_id)
        if person_id is None or not text:
            return
        try:
            self._waiting.put_nowait(SpokenText(call_id, person_id, side, text, is_final))
        except queue.Full:
            return  # Redis is slow or away: old words are of no use

    def _publish(self) -> None:
        is_away = False
        while True:
            spoken = self._waiting.get()
            try:
                self._client.publish(_CHANNEL, json.dumps(asdict(spoken), ensure_ascii=False))
                is_away = False
            except (RedisError, OSError) as error:
                if not is_away:
                    log.warning("app.live_words.lost", reason=type(error).__name__)
                is_away = True


async def live_words(url: str) -> AsyncIterator[SpokenText]:
    """What is spoken in any telephony process from now on. Raises RedisError or OSError when the connection breaks."""
    client = redis.asyncio.Redis.from_url(url, socket_connect_timeout=_TIMEOUT_S, retry=AsyncRetry(NoBackoff(), 0))
    async with client.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe(_CHANNEL)
        while True:
            message = await subscription.get_message(timeout=None)
            if message is not None:
                yield SpokenText(**json.loads(message["data"]))
