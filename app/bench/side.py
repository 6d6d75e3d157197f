"""A process of a measurement: on its own core, with a pipe to it, and gone when the measurement is."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from app.tether import die_with_parent
from kit.errors import Unavailable

_ANSWER_WITHIN_S = 30.0
_END_WITHIN_S = 10.0
_spawn = multiprocessing.get_context("spawn")  # no side may inherit anything from the measuring process


class SideSilent(Unavailable):
    code = "bench.side_silent"


@contextmanager
def side(target: Callable[..., None], *arguments: Any) -> Iterator[tuple[Connection, Any]]:
    """Run `target(pipe, *arguments)` in a process; yields our end of the pipe and the first thing it said.

    Closing our end tells it to stop.
    """
    ours, theirs = _spawn.Pipe()
    process = _spawn.Process(target=target, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        yield ours, heard(ours)
    finally:
        ours.close()
        process.join(_END_WITHIN_S)
        if process.is_alive():
            process.kill()
            process.join()


def settle_down(core: int | None) -> None:
    """First thing in a side: stay on this core, die with the parent, leave Ctrl-C to it."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if core is not None:
        os.sched_setaffinity(0, {core})


def both_cores() -> tuple[int | None, int | None]:
    """One core for the side that is measured, another for its peers; None where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[-1]) if len(cores) > 1 else (cores[0], None)


def ask(pipe: Connection, question: str) -> Any:
    """The side's answer; raises SideSilent."""
    pipe.send(question)
    return heard(pipe)


def heard(pipe: Connection) -> Any:
    """The next thing it says; raises SideSilent."""
    try:
        if pipe.poll(_ANSWER_WITHIN_S):
            return pipe.recv()
    except EOFError:
        raise SideSilent("a process of the measurement died") from None
    raise SideSilent(f"a process of the measurement said nothing for {_ANSWER_WITHIN_S:.0f} s")
