"""The sound of one call over chan_websocket: a MediaStream whose pace is Asterisk's.

Asterisk keeps 20 s and silently loses what is more, so sound goes in pieces, and the next one leaves only when
an earlier one was played (its mark came back). A cut socket may be replaced: what was not played is sent again.
"""

import asyncio
import itertools
import json
from collections import deque
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import WebSocketException

from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.steady_sound import SteadySound
from ivr.adapters.sound import decode, silence
from ivr.ports import SAMPLE_RATE, MediaListener, SoundEncoding

_PIECE_BYTES = 4 * SAMPLE_RATE  # of one byte per sample: 4 s
_PIECES_UNDER_WAY = 2
_REST = silence(8 * SAMPLE_RATE, SoundEncoding.ALAW)
_FRAMES_WAITING = 25  # of live sound, half a second: more is delay
_FILL_EVERY_S = 0.1
_LATE_S = 0.05  # a timer so late means that we were held up: the frames lie in the socket still


@dataclass(slots=True)
class _Piece:
    mark: str
    sound: bytes
    is_sent: bool = field(default=False)


class AsteriskStream:
    """Implements ivr.ports.MediaStream. Without a socket it is patient: nothing is played and nothing is lost."""

    encoding = SoundEncoding.ALAW

    def __init__(self, *, keeps_line_open: bool = False) -> None:
        """`keeps_line_open`: play silence while there is nothing to play. Otherwise Asterisk sends nothing then, and
        networks and phones take a line without packets for dead."""
        self.listener: MediaListener | None = None
        self.last_heard_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._outbox: asyncio.Queue[str | bytes] | None = None
        self._pieces: deque[_Piece] = deque()
        self._marks = itertools.count(1)
        self._is_held_off = False
        self._keeps_line_open = keeps_line_open
        self._rest_mark = ""
        self._heard: SteadySound | None = None
        self._filling: asyncio.TimerHandle | None = None

    # --- MediaStream ---

    def play(self, sound: bytes) -> None:
        self._end_rest()
        for start in range(0, len(sound), _PIECE_BYTES):
            self._pieces.append(_Piece(str(next(self._marks)), sound[start : start + _PIECE_BYTES]))
        self._send_on()

    def relay(self, frame: bytes) -> None:
        """Live sound, 20 ms, played as it comes, for a leg of a conversation. Dropped without a socket."""
        if self._outbox is not None and self._outbox.qsize() < _FRAMES_WAITING:
            self._outbox.put_nowait(frame)

    def discard(self) -> None:
        if self._pieces and self._outbox is not None:
            while not self._outbox.empty():
                self._outbox.get_nowait()
            self._flush()
        self._pieces.clear()
        self._rest()

    def start_hearing(self, *, is_live: bool = False) -> None:
        """Frames are handed on as they come, live or not."""
        self._heard = SteadySound(self._loop.time())
        self._fill_later()

    def stop_hearing(self) -> None:
        if self._heard is not None:
            self._hand_over(self._heard.fill(self._loop.time()))
            self._heard = None
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None

    # --- the socket ---

    @property
    def is_connected(self) -> bool:
        return self._outbox is not None

    async def serve(self, socket: ServerConnection) -> None:
        """Use this socket until it closes. One that comes later takes over."""
        outbox: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._outbox, self._is_held_off = outbox, False
        self.last_heard_at = self._loop.time()
        for piece in self._pieces:
            piece.is_sent = False
        self._rest_mark = ""
        self._send_on()
        self._rest()
        sending = asyncio.create_task(_send(outbox, socket))
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    self._frame_came(message)
                else:
                    self._event_came(Facts.of_text(message))
        except WebSocketException:
            pass  # cut: whoever owns the call sees that it ended
        finally:
            sending.cancel()
            if self._outbox is outbox:
                self._outbox = None

    def _frame_came(self, sound: bytes) -> None:
        now = self._loop.time()
        self.last_heard_at = now
        if self._heard is not None:
            self._hand_over(self._heard.take(decode(sound, self.encoding), now))

    def _event_came(self, event: Facts) -> None:
        match event.text("event"):
            case "MEDIA_MARK_PROCESSED":
                self._piece_played(event.text("correlation_id"))
            case "MEDIA_XOFF":
                self._is_held_off = True
            case "MEDIA_XON":
                self._is_held_off = False
                self._send_on()

    # --- playing ---

    def _piece_played(self, mark: str) -> None:
        if mark == self._rest_mark:
            self._rest_mark = ""
            self._rest()
            return
        if not any(piece.mark == mark for piece in self._pieces):
            return  # flushed meanwhile
        while self._pieces.popleft().mark != mark:
            pass
        self._send_on()
        if not self._pieces and self.listener is not None:
            self.listener.sound_played()
        self._rest()

    def _send_on(self) -> None:
        if self._outbox is None or self._is_held_off:
            return
        for piece in itertools.islice(self._pieces, _PIECES_UNDER_WAY):
            if piece.is_sent:
                continue
            piece.is_sent = True
            self._send_piece(piece.sound, piece.mark)

    def _send_piece(self, sound: bytes, mark: str) -> None:
        if self._outbox is not None:
            self._command("START_MEDIA_BUFFERING")
            self._outbox.put_nowait(sound)
            self._command("STOP_MEDIA_BUFFERING")
            self._command("MARK_MEDIA", correlation_id=mark)

    def _rest(self) -> None:
        if self._keeps_line_open and self._outbox is not None and not self._pieces and not self._rest_mark:
            self._rest_mark = str(next(self._marks))
            self._send_piece(_REST, self._rest_mark)

    def _end_rest(self) -> None:
        if self._rest_mark:
            self._rest_mark = ""
            self._flush()

    def _flush(self) -> None:
        self._command("FLUSH_MEDIA")
        self._is_held_off = False  # the queue is empty now

    def _command(self, name: str, **words: str) -> None:
        if self._outbox is not None:
            self._outbox.put_nowait(json.dumps({"command": name, **words}))

    # --- hearing ---

    def _hand_over(self, pcm: bytes) -> None:
        if pcm and self.listener is not None:
            self.listener.frame_heard(pcm)

    def _fill_later(self) -> None:
        due = self._loop.time() + _FILL_EVERY_S
        self._filling = self._loop.call_at(due, self._fill, due)

    def _fill(self, due: float) -> None:
        now = self._loop.time()
        if self._heard is not None and now - due < _LATE_S:
            self._hand_over(self._heard.fill(now))
        if self._heard is not None:  # the listener may have had enough
            self._fill_later()


async def _send(outbox: "asyncio.Queue[str | bytes]", socket: ServerConnection) -> None:
    try:
        while True:
            await socket.send(await outbox.get())
    except WebSocketException:
        return  # the reading side ends too
