"""Waiting for what happens in another process, with a deadline."""

import time
from collections.abc import Callable

_LOOK_EVERY_S = 0.05


def eventually(is_so: Callable[[], bool], within_s: float) -> None:
    """Return as soon as it is so; fails at the deadline."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {within_s:g} s"
        time.sleep(_LOOK_EVERY_S)
