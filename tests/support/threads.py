"""Real threads that start at the same instant, for rules about who was faster."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from kit.errors import HotlineError

_DEADLINE_S = 30.0
T = TypeVar("T")


def run_together(actions: Sequence[Callable[[], T]]) -> list[T | HotlineError]:
    """Run each action in a thread of its own; what it returned, or the named error it raised."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], T]) -> T | HotlineError:
        barrier.wait(_DEADLINE_S)
        try:
            return action()
        except HotlineError as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(_DEADLINE_S) for future in [pool.submit(run, action) for action in actions]]
