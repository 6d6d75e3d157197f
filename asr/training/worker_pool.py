"""Work in processes that may die: libespeak-ng does now and then, and a pool would wait for it for ever."""

import multiprocessing
import multiprocessing.connection
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkProcess

_fork = multiprocessing.get_context("fork")
_TRIES = 3
_LOOK_EVERY_S = 0.05


class WorkLost(Exception):
    """A piece of work could not be done in several tries."""


@dataclass(slots=True)
class Piece:
    """A piece of work; it is called with the number of the try (from 0), so that a new try may differ."""

    name: str
    work: Callable[[int], None]
    tries: int = 0


def run_all(pieces: Sequence[Piece], *, timeout_s: float, on_done: Callable[[Piece], None] = lambda _: None) -> None:
    """Do every piece, one process each, as many at once as there are processors. Raises WorkLost."""
    waiting = deque(pieces)
    running: list[tuple[ForkProcess, Piece, float]] = []
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                piece = waiting.popleft()
                process = _fork.Process(target=piece.work, args=(piece.tries,), daemon=True)
                process.start()
                running.append((process, piece, time.monotonic() + timeout_s))
            multiprocessing.connection.wait([process.sentinel for process, _, _ in running], timeout=_LOOK_EVERY_S)
            for entry in [each for each in running if _is_over(each[0], each[2])]:
                running.remove(entry)
                process, piece, _ = entry
                if process.exitcode == 0:
                    on_done(piece)
                elif piece.tries + 1 < _TRIES:
                    piece.tries += 1
                    waiting.append(piece)
                else:
                    raise WorkLost(f"{piece.name}: its process ended with {process.exitcode}, {_TRIES} times")
    finally:
        for process, _, _ in running:
            process.kill()
            process.join()


def _is_over(process: ForkProcess, deadline: float) -> bool:
    if process.is_alive() and time.monotonic() > deadline:
        process.kill()
        process.join()
    return not process.is_alive()
