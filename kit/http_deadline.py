"""One deadline for a whole HTTP exchange.

The timeouts of httpx bound each read, so a machine that answers a letter at a time, be it in the headers, would
otherwise hold a thread for ever.
"""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType

_CONNECTED = ("connect_tcp.complete", "start_tls.complete")


class HttpDeadline:
    """Give `extensions` to a request on a connection of its own; when the time is over that is shut down."""

    def __init__(self, within_s: float) -> None:
        self._timer = threading.Timer(within_s, self._end)
        self._timer.daemon = True
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_over = False

    def __enter__(self) -> "HttpDeadline":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    @property
    def is_over(self) -> bool:
        """Ask also after what looks like the end of an answer: a connection that was shut down looks the same."""
        return self._is_over

    @property
    def extensions(self) -> dict[str, object]:
        return {"trace": self._note}

    def _note(self, event: str, facts: Mapping[str, object]) -> None:
        if event.endswith(_CONNECTED):
            stream = facts["return_value"]
            with self._guard:
                self._socket = stream.get_extra_info("socket")  # type: ignore[attr-defined] # httpcore's stream
                if self._is_over:
                    self._shut()

    def _end(self) -> None:
        with self._guard:
            self._is_over = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
