"""How often an address may call from the public page, over all web processes: counted in Redis.

Without Redis each process counts for itself, so that an address may call that many times as often; the limits of
the browser line (calls at once, calls of one address) hold all the same.
"""

import time
from collections import OrderedDict, deque

import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from kit.errors import HotlineError

log = structlog.get_logger(__name__)

_CALLS_PER_ADDRESS, _WINDOW_S = 6, 60
_MOST_ADDRESSES = 10_000
_TIMEOUT_S = 0.5
_PAUSE_S = 1.0
"""After a failure Redis is left alone for so long: a dead one must not slow down callers."""


class TooManyWebCalls(HotlineError):
    code = "web_call.too_many"


class OwnCount:
    """What this process has let through."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._asked)

    def pass_through(self, address: str, now: float) -> None:
        """Raises TooManyWebCalls."""
        asked = self._asked.setdefault(address, deque(maxlen=_CALLS_PER_ADDRESS))
        self._asked.move_to_end(address)
        if len(self._asked) > _MOST_ADDRESSES:
            self._asked.popitem(last=False)
        if len(asked) == _CALLS_PER_ADDRESS and now - asked[0] < _WINDOW_S:
            raise _too_many(round(_WINDOW_S - (now - asked[0])) + 1)
        asked.append(now)


class WebCallGate:
    """Called from threads."""

    def __init__(self, redis_url: str) -> None:
        self._own = OwnCount()
        self._client = redis.Redis.from_url(
            redis_url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        )
        self._paused_until = 0.0

    def pass_through(self, address: str) -> None:
        """Raises TooManyWebCalls."""
        now = time.monotonic()
        self._own.pass_through(address, now)  # also keeps who asks without end away from Redis
        if now < self._paused_until:
            return
        try:
            calls, left_s = self._count(f"hotline:web-calls:{address}")
        except (RedisError, OSError) as error:
            self._paused_until = now + _PAUSE_S
            log.warning("web.call_gate.alone", error_type=type(error).__name__)
            return
        if calls > _CALLS_PER_ADDRESS:
            raise _too_many(left_s + 1)

    def _count(self, key: str) -> tuple[int, int]:
        """This call included, how many in the minute that began with the first, and the seconds left of it."""
        with self._client.pipeline(transaction=True) as all_at_once:
            all_at_once.set(key, 0, ex=_WINDOW_S, nx=True)
            all_at_once.incr(key)
            all_at_once.ttl(key)
            _, calls, left_s = all_at_once.execute()
        return int(calls), max(0, int(left_s))


def _too_many(retry_after_s: int) -> TooManyWebCalls:
    return TooManyWebCalls("too many calls from this address", retry_after_s=retry_after_s)
