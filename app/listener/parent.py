"""The listener's parent: loads the model once, holds the socket, and always has enough children.

It hears no stream itself and runs no thread, so that nothing a caller says can hurt it.
"""

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

import structlog

from app.listener.board import Board
from app.listener.child import DRAIN, SIGNALS, Child
from app.listener.limits import ListenerLimits
from app.tether import die_with_parent
from asr.ports import StreamingRecogniser
from kit.errors import Unavailable

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_SILENT_S = 10.0
"""A child that has not been seen for so long is killed."""
_SHORT_LIFE_S = 1.0
_LONGEST_PAUSE_S = 5.0
_PORT_WITHIN_S = 5.0
"""Children of a killed predecessor let go of the port as soon as they learn of it."""


class ListenerPortTaken(Unavailable):
    code = "listener.port_taken"


class LiveModels(Protocol):
    """Where the recogniser comes from."""

    def load(self) -> StreamingRecogniser:
        """The model in use. Raises ModelMissing."""
        ...

    def follow(self) -> StreamingRecogniser | None:
        """The model in use now, if it is another one and loads; None otherwise: go on with what there is."""
        ...


@dataclass(frozen=True, slots=True)
class _Born:
    pid: int
    row: int
    at: float


class ListenerParent:
    """Follows a switch of the model by itself, within a second."""

    def __init__(
        self,
        models: LiveModels,
        address: tuple[str, int],
        *,
        children: int,
        limits: ListenerLimits,
    ) -> None:
        self._models = models
        self._address = address
        self._wanted = children
        self._limits = limits
        self._board = Board(children * 4)  # those that are draining stay a while
        self._children: dict[int, _Born] = {}
        self._short_lives = 0
        self._fork_from = 0.0
        self._is_stopping = False
        self._woken, self._wakes = socket.socketpair()
        for end in (self._woken, self._wakes):
            end.setblocking(False)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises ModelMissing, ListenerPortTaken."""
        self._recogniser = self._models.load()
        self._listening = _bound(self._address)
        for row in range(self._board.rows):
            self._board.clear(row)
        self._take_signals()
        log.info("listener.started", model=self._recogniser.name, port=self._address[1], children=self._wanted)
        while not self._is_stopping:
            self._follow_model()
            self._reap()
            self._kill_the_silent()
            self._fill_up()
            self._sleep(_LOOK_EVERY_S if self._fork_from < time.monotonic() else 0.05)
        self._stop()

    def _follow_model(self) -> None:
        """After a switch every child drains, and is followed by one with the new model."""
        fresh = self._models.follow()
        if fresh is None:
            return
        self._recogniser = fresh
        log.info("listener.model.changed", model=fresh.name)
        for child in self._active():
            os.kill(child.pid, DRAIN)

    # ---- children

    def _active(self) -> list[_Born]:
        return [child for child in self._children.values() if not self._board.read(child.row).is_draining]

    def _fill_up(self) -> None:
        taken = {child.row for child in self._children.values()}
        free = [row for row in range(self._board.rows) if row not in taken]
        while time.monotonic() >= self._fork_from and free and len(self._active()) < self._wanted:
            self._fork(free.pop(0))

    def _fork(self, row: int) -> None:
        self._board.write(row, streams=0, is_draining=False)
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._live_as_child(parent, row)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self._children[pid] = _Born(pid, row, time.monotonic())
        log.info("listener.child.born", pid=pid)

    def _live_as_child(self, parent: int, row: int) -> None:
        """It leaves by `_exit`: what it inherited is not its to clean up, and a hung decoder would hold it."""
        status = os.EX_SOFTWARE
        try:
            signal.set_wakeup_fd(-1)
            self._woken.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C goes to the parent, which tells us
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            child = Child(self._listening, self._recogniser, self._limits, self._board, row, self._wake_parent)
            die_with_parent(parent)
            child.run()
            status = os.EX_OK
        except Exception:
            log.exception("listener.child.broke")
        finally:
            os._exit(status)

    def _reap(self) -> None:
        for child in list(self._children.values()):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid == 0:
                continue
            del self._children[pid]
            was_draining = self._board.read(child.row).is_draining
            self._board.clear(child.row)
            if was_draining:
                log.info("listener.child.ended", pid=pid)
                continue
            log.error("listener.child.died", pid=pid, status=os.waitstatus_to_exitcode(status))
            is_short = time.monotonic() - child.at < _SHORT_LIFE_S
            self._short_lives = self._short_lives + 1 if is_short else 0
            if self._short_lives > 1:  # the first successor comes at once
                self._fork_from = time.monotonic() + min(_LONGEST_PAUSE_S, 0.1 * 2**self._short_lives)

    def _kill_the_silent(self) -> None:
        for child in self._children.values():
            if time.monotonic() - self._board.read(child.row).seen_at > _SILENT_S:
                log.error("listener.child.silent", pid=child.pid)
                os.kill(child.pid, signal.SIGKILL)

    # ---- signals and the end

    def _take_signals(self) -> None:
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, self._on_signal)

    def _sleep(self, timeout_s: float) -> None:
        """Until a signal comes, or a child says that it drains."""
        if select.select([self._woken], [], [], timeout_s)[0]:
            self._woken.recv(4096)

    def _wake_parent(self) -> None:
        with contextlib.suppress(OSError):  # the parent is dead, or has been woken often enough
            self._wakes.send(b".")

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._is_stopping = self._is_stopping or number in (signal.SIGTERM, signal.SIGINT)

    def _stop(self) -> None:
        self._listening.close()
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + self._limits.drain_s + 1
        while self._children and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        log.info("listener.stopped")


def _bound(address: tuple[str, int]) -> socket.socket:
    deadline = time.monotonic() + _PORT_WITHIN_S
    while True:
        try:
            listening = socket.create_server(address, backlog=128)
        except OSError as error:
            if time.monotonic() > deadline:
                where = f"{address[0]}:{address[1]}"
                raise ListenerPortTaken(f"HOTLINE_LISTENER_PORT: {where}: {error.strerror}") from None
            time.sleep(0.1)
        else:
            listening.setblocking(False)
            return listening
