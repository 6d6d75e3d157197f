"""One stream from its hello to its end, in a thread of its own."""

import contextlib
import functools
import json
import socket
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from app.listener.limits import ListenerLimits
from app.listener.protocol import Hello, StreamRefused, read_end, read_hello, text_message
from asr.domain.errors import RecognitionFailed
from asr.domain.live_text import LiveText
from asr.ports import LiveDecoder, StreamingRecogniser

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Stream:
    """Serves one connection; `serve` returns when it is over and never raises for what a peer does."""

    def __init__(self, connection: ServerConnection, recogniser: StreamingRecogniser, limits: ListenerLimits) -> None:
        self._connection = connection
        self._recogniser = recogniser
        self._limits = limits
        self._ends_at = time.monotonic() + limits.stream_s
        self._step_began: float | None = None

    @property
    def busy_s(self) -> float:
        """How long the step in hand has been taking."""
        began = self._step_began
        return time.monotonic() - began if began is not None else 0.0

    def cut(self) -> None:
        """From another thread: the peer learns at once that nothing more will come."""
        with contextlib.suppress(OSError):
            self._connection.socket.shutdown(socket.SHUT_RDWR)

    def serve(self) -> None:
        try:
            self._serve()
        except StreamRefused as refused:
            log.warning("listener.stream.refused", at=str(refused))
            self.refuse(str(refused))
        except RecognitionFailed as failed:
            log.error("listener.stream.failed", reason=str(failed))  # noqa: TRY400 - Vosk's own words say it
            self.refuse("recognition")
        except TimeoutError:
            log.warning("listener.stream.idle")
            self.refuse("idle")
        except ConnectionClosed:  # gone without an end: a hang-up, or a dead telephony process
            pass

    def _serve(self) -> None:
        hello = read_hello(self._connection.recv(timeout=self._limits.idle_s), self._limits)
        decoder = self._step(functools.partial(self._recogniser.open, hello.sample_rate, hello.phrases))
        if decoder.unknown_phrases:
            log.error("listener.phrases.unknown", phrases=list(decoder.unknown_phrases), model=self._recogniser.name)
        ready = {"ready": True, "model": self._recogniser.name, "unknown_phrases": list(decoder.unknown_phrases)}
        self._connection.send(json.dumps(ready, ensure_ascii=False))
        self._hear(decoder, hello)

    def _hear(self, decoder: LiveDecoder, hello: Hello) -> None:
        left_bytes = int(self._limits.stream_s * hello.sample_rate) * 2
        half = b""
        while left_bytes > 0 and time.monotonic() < self._ends_at:
            message = self._connection.recv(timeout=self._limits.idle_s)
            if isinstance(message, str):
                read_end(message)
                break
            sound, half = _whole_samples(half + message)
            left_bytes -= len(sound)
            self._tell(self._step(functools.partial(decoder.accept, sound)))
        self._tell(self._step(decoder.finish))
        self._connection.send('{"done": true}')
        self._connection.close()

    def _step(self, step: Callable[[], T]) -> T:
        """A call into the recogniser, under the eyes of the child's watchdog."""
        self._step_began = time.monotonic()
        try:
            return step()
        finally:
            self._step_began = None

    def _tell(self, texts: Iterable[LiveText]) -> None:
        for text in texts:
            self._connection.send(text_message(text))

    def refuse(self, reason: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            self._connection.send(json.dumps({"refused": reason}))
            self._connection.close()


def _whole_samples(sound: bytes) -> tuple[bytes, bytes]:
    whole = len(sound) & ~1
    return sound[:whole], sound[whole:]
