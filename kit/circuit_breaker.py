"""Not asking again, for a while, somebody who has just failed several times."""

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Open after `failures` in a row; after `pause_s` tries are allowed again, and the first failure opens it anew.

    Thread-safe.
    """

    def __init__(self, failures: int, pause_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._pause_s = pause_s
        self._now = now
        self._failures = 0
        self._closed_from = 0.0
        self._guard = threading.Lock()

    @property
    def is_open(self) -> bool:
        """True: do not even try."""
        with self._guard:
            return self._failures >= self._limit and self._now() < self._closed_from

    def succeeded(self) -> None:
        with self._guard:
            self._failures = 0

    def failed(self) -> bool:
        """Count a failure; True when it has just opened the circuit."""
        with self._guard:
            self._failures += 1
            if self._failures < self._limit or self._now() < self._closed_from:
                return False
            self._closed_from = self._now() + self._pause_s
            return True
