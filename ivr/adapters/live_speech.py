"""The listener process as ivr.ports.Listener: a WebSocket for each stream, on a thread of its own.

The call loop only puts frames on a queue. Whatever the listener does or does not do, no call waits for it.
"""

import asyncio
import json
import logging
import threading
from collections import deque
from collections.abc import Sequence

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from ivr.domain.hearing import Heard, HeardWord
from ivr.ports import SAMPLE_RATE
from kit.circuit_breaker import CircuitBreaker

log = structlog.get_logger(__name__)
_QUIET = logging.getLogger("live_speech.websockets")
_QUIET.setLevel(logging.CRITICAL)  # a line for each answer of each call, and traces for each failure told below

_CONNECT_S = 0.3
_FAILURES, _PAUSE_S = 3, 10.0
_SEND_EVERY_S = 0.1
_FRAMES_HELD = 150
"""Three seconds of sound; a listener that is further behind is of no use to a conversation."""
_LAST_WORDS_S = 5.0
_ENDED = None


class LiveSpeech:
    """A Listener. Its thread starts with the first stream."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._breaker = CircuitBreaker(_FAILURES, _PAUSE_S)
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self, phrases: Sequence[str] | None) -> "LiveStream":
        stream = LiveStream(asyncio.get_running_loop())
        if self._breaker.is_open:
            stream.lose()
        else:
            asyncio.run_coroutine_threadsafe(self._converse(stream, phrases), self._thread_loop())
        return stream

    def _thread_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="live-speech", daemon=True).start()
        return self._loop

    async def _converse(self, stream: "LiveStream", phrases: Sequence[str] | None) -> None:
        try:
            async with await self._open(phrases) as connection:
                self._breaker.succeeded()
                await _exchange(connection, stream)
        except (OSError, TimeoutError, WebSocketException, ValueError, KeyError, TypeError, AttributeError) as error:
            self._has_failed(stream, error)
        except Exception:
            log.exception("ivr.live_speech.broke_off")
        finally:
            stream.lose()  # changes nothing after a proper end

    async def _open(self, phrases: Sequence[str] | None) -> ClientConnection:
        """A connection whose listener is ready; raises ConnectionRefusedError when it has no room."""
        async with asyncio.timeout(_CONNECT_S):
            connection = await connect(
                self._url, compression=None, ping_interval=None, proxy=None, close_timeout=1, logger=_QUIET
            )
            await connection.send(json.dumps({"sample_rate": SAMPLE_RATE, "phrases": phrases}))
            answer = json.loads(await connection.recv())
        if answer.get("ready") is not True:
            await connection.close()
            raise ConnectionRefusedError(str(answer.get("refused")))
        return connection

    def _has_failed(self, stream: "LiveStream", error: Exception) -> None:
        if stream.is_closed:  # nobody waits for it any more
            return
        if self._breaker.failed():
            log.error("ivr.live_speech.away", error=type(error).__name__, pause_s=_PAUSE_S, consequence="keys only")
        else:
            log.warning("ivr.live_speech.failed", error=type(error).__name__)


class LiveStream:
    """A Listening, between the loop of its call and the thread of LiveSpeech."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._frames: deque[bytes] = deque()
        self._texts: asyncio.Queue[Heard | None] = asyncio.Queue()
        self._is_over = False
        self.is_reliable = True
        self.is_finishing = False
        self.is_closed = False

    # ---- the call's side

    def hear(self, pcm: bytes) -> None:
        if self._is_over or self.is_finishing or self.is_closed:
            return
        if len(self._frames) >= _FRAMES_HELD:
            self.is_reliable = False
        else:
            self._frames.append(pcm)

    async def next_heard(self) -> Heard | None:
        if self._is_over and self._texts.empty():
            return None
        return await self._texts.get()

    def finish(self) -> None:
        self.is_finishing = True

    def close(self) -> None:
        self.is_closed = True

    # ---- the thread's side

    def take_sound(self) -> bytes:
        return b"".join(self._frames.popleft() for _ in range(len(self._frames)))

    def tell(self, heard: Heard) -> None:
        self._post(heard)

    def end(self) -> None:
        """Everything was heard and told."""
        if not self._is_over:
            self._is_over = True
            self._post(_ENDED)

    def lose(self) -> None:
        """It ended before its time."""
        if not self._is_over:
            self.is_reliable = False
            self.end()

    def _post(self, heard: Heard | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._texts.put_nowait, heard)
        except RuntimeError:  # the call's loop is closed: the process is ending
            self.is_closed = True


async def _exchange(connection: ClientConnection, stream: LiveStream) -> None:
    sending = asyncio.create_task(_send(connection, stream))
    try:
        async for message in connection:
            facts = json.loads(message)
            if facts.get("done"):
                stream.end()
                return
            if "refused" in facts:
                raise ConnectionRefusedError(str(facts["refused"]))
            stream.tell(_heard(facts))
        if not stream.is_closed:
            raise ConnectionResetError("the listener closed the stream")
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(connection: ClientConnection, stream: LiveStream) -> None:
    """Sound in pieces, until the stream is finished (then its last words are waited for) or closed."""
    while not stream.is_closed:
        is_last = stream.is_finishing  # read before the sound: what was heard before `finish` is in it
        sound = stream.take_sound()
        if sound:
            await connection.send(sound)
        if is_last:
            await connection.send('{"end": true}')
            await asyncio.sleep(_LAST_WORDS_S)
            break
        await asyncio.sleep(_SEND_EVERY_S)
    await connection.close()


def _heard(facts: dict[str, object]) -> Heard:
    """Raises KeyError, TypeError or ValueError on anything that no listener says."""
    if "partial" in facts:
        return Heard(str(facts["partial"]), is_final=False)
    said = facts["words"]
    if not isinstance(said, list):
        raise TypeError("words")
    words = tuple(HeardWord(str(w["text"]), int(w["start_ms"]), int(w["end_ms"]), float(w["confidence"])) for w in said)
    return Heard("".join(word.text for word in words), words)
