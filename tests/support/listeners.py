"""Listeners for tests: one that is deaf, and one that understands what the test says."""

import asyncio
from array import array
from collections import deque
from collections.abc import Sequence

from ivr.domain.hearing import UNKNOWN, Heard, HeardWord

_LOUD = 500
"""A silent line is not all zeros."""


def said(*words: str, confidence: float = 0.99) -> Heard:
    """Final words, half a second each; `?` is speech that is no phrase."""
    texts = [UNKNOWN if word == "?" else word for word in words]
    heard = tuple(HeardWord(text, 500 * at, 500 * at + 400, confidence) for at, text in enumerate(texts))
    return Heard("".join(texts), heard)


def saying(text: str) -> Heard:
    """A partial text."""
    return Heard(text, is_final=False)


class ScriptedStream:
    """A Listening that, once it hears a sound, tells the texts one after the other, then stays silent or ends."""

    def __init__(self, texts: Sequence[Heard], phrases: Sequence[str] | None, *, ends: bool, is_reliable: bool) -> None:
        self.phrases = phrases
        self.heard_bytes = 0
        self.is_closed = False
        self.is_finished = False
        self.is_drained = False
        self.is_reliable = is_reliable
        self._texts = deque(texts)
        self._ends = ends
        self._heard_something = asyncio.Event()
        self._over = asyncio.Event()

    def hear(self, pcm: bytes) -> None:
        self.heard_bytes += len(pcm)
        if max(map(abs, array("h", pcm)), default=0) > _LOUD:
            self._heard_something.set()

    async def next_heard(self) -> Heard | None:
        if self._texts:
            await self._heard_something.wait()
            return self._texts.popleft()
        self.is_drained = True
        if not self._ends:
            await self._over.wait()
        return None

    def finish(self) -> None:
        self.is_finished = True
        self._over.set()
        self._heard_something.set()

    def close(self) -> None:
        self.is_closed = True
        self._over.set()


class ScriptedListener:
    """A Listener whose streams understand what the script says: one list of texts for each stream, in order."""

    def __init__(self, *script: Sequence[Heard], ends: bool = True, is_reliable: bool = True) -> None:
        self.streams: list[ScriptedStream] = []
        self._script = deque(script)
        self._ends, self._is_reliable = ends, is_reliable

    def listen(self, phrases: Sequence[str] | None) -> ScriptedStream:
        texts = self._script.popleft() if self._script else ()
        stream = ScriptedStream(texts, phrases, ends=self._ends, is_reliable=self._is_reliable)
        self.streams.append(stream)
        return stream


def deaf() -> ScriptedListener:
    """What a dead recogniser is like: every stream ends at once."""
    return ScriptedListener(is_reliable=False)
