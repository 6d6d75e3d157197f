"""One child of the listener: takes streams from the shared socket, each in a thread of its own.

It is replaced after so many streams, when it has grown, or when a decoder hangs: then it takes no more and ends with
its last stream. Vosk lets go of the interpreter while it computes, so threads use every core.
"""

import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog
from websockets.sync.server import ServerConnection, serve

from app.listener.board import Board
from app.listener.limits import ListenerLimits
from app.listener.stream import Stream
from asr.ports import StreamingRecogniser
from kit.memory import resident_bytes

log = structlog.get_logger(__name__)
_PEERS = logging.getLogger("listener.peers")
_PEERS.setLevel(logging.CRITICAL)  # what strangers send is told to them; it must not fill the disk

DRAIN = signal.SIGUSR1
SIGNALS = {signal.SIGTERM, DRAIN}
"""Blocked while a child is being born, so that none is lost."""

_LOOK_EVERY_S = 0.2
_TO_THE_FREER_S = 0.005
"""A connection is left so long to a sibling with fewer streams."""
_SPARE_SOCKETS = 16
"""Connections beyond the streams, so that a refusal can be said; more are closed without a word."""


class Child:
    """Made after the fork; `run` returns when the child may end."""

    def __init__(
        self,
        listening: socket.socket,
        recogniser: StreamingRecogniser,
        limits: ListenerLimits,
        board: Board,
        row: int,
        on_draining: Callable[[], None],
    ) -> None:
        self._listening: socket.socket | None = listening
        self._recogniser = recogniser
        self._limits = limits
        self._board = board
        self._row = row
        self._on_draining = on_draining
        self._guard = threading.Lock()
        self._streams: set[Stream] = set()
        self._hung: set[Stream] = set()
        self._sockets = 0
        self._served = 0
        self._first_rss = 0
        self._is_draining = False
        self._ends_at: float | None = None
        self._server = serve(
            self._serve,
            sock=listening,
            origins=[None],  # not for web pages, wherever a browser on this machine has got them from
            compression=None,
            open_timeout=limits.handshake_s,
            ping_interval=None,  # who sends no sound is cut off anyway
            close_timeout=1.0,
            max_size=limits.message_bytes,
            max_queue=4,
            logger=_PEERS,
        )

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(DRAIN, self._on_drain)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        while not self._is_over():
            self._board.write(self._row, streams=len(self._streams), is_draining=self._is_draining)
            if self._is_draining:
                self._stop_taking()
                time.sleep(_LOOK_EVERY_S)
            else:
                self._take_next()
            self._look_after_streams()

    # ---- taking streams

    def _take_next(self) -> None:
        listening = self._listening
        assert listening is not None
        if not select.select([listening], [], [], _LOOK_EVERY_S)[0] or self._is_draining:
            return
        if self._has_freer_sibling():
            time.sleep(_TO_THE_FREER_S)
        try:
            peer, address = listening.accept()
        except (BlockingIOError, ConnectionAbortedError):  # a sibling was quicker, or the peer has gone
            return
        peer.setblocking(True)
        with self._guard:
            is_crowded = self._sockets >= self._limits.streams + _SPARE_SOCKETS
            self._sockets += not is_crowded
        if is_crowded:
            peer.close()
        else:
            threading.Thread(target=self._handle, args=(peer, address), daemon=True).start()

    def _has_freer_sibling(self) -> bool:
        siblings = (self._board.read(row) for row in range(self._board.rows) if row != self._row)
        return any(not each.is_draining and each.streams < len(self._streams) for each in siblings)

    def _handle(self, peer: socket.socket, address: object) -> None:
        try:
            self._server.handler(peer, address)
        finally:
            with self._guard:
                self._sockets -= 1

    def _serve(self, connection: ServerConnection) -> None:
        stream = Stream(connection, self._recogniser, self._limits)
        with self._guard:
            is_full = len(self._streams) >= self._limits.streams
            if not is_full:
                self._streams.add(stream)
                self._served += 1
        if is_full:
            stream.refuse("full")
            return
        try:
            stream.serve()
        finally:
            with self._guard:
                self._streams.discard(stream)

    # ---- coming to an end

    def _look_after_streams(self) -> None:
        with self._guard:
            streams = list(self._streams)
        for stream in streams:
            if stream.busy_s > self._limits.step_s and stream not in self._hung:
                log.error("listener.stream.hangs", busy_s=round(stream.busy_s, 1))
                self._hung.add(stream)
                stream.cut()
                self._is_draining = True
        rss = resident_bytes(os.getpid()) if self._served else 0
        self._first_rss = self._first_rss or rss
        if self._served >= self._limits.streams_served or rss - self._first_rss > self._limits.growth_bytes:
            self._is_draining = True

    def _stop_taking(self) -> None:
        """At once: a successor of the parent may want to bind the same port."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
            self._board.write(self._row, streams=len(self._streams), is_draining=True)
            self._on_draining()
            log.info("listener.child.draining", served=self._served, streams=len(self._streams))

    def _is_over(self) -> bool:
        if not self._is_draining or self._listening is not None:
            return False
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            return True
        with self._guard:
            return self._streams <= self._hung

    def _on_drain(self, _number: int, _frame: FrameType | None) -> None:
        self._is_draining = True

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        """From the parent, or from the kernel because the parent is dead."""
        self._is_draining = True
        self._ends_at = time.monotonic() + self._limits.drain_s
