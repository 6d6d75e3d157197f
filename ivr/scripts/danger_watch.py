"""Listening beside a recording for words of danger. It never interrupts the caller and never fails the call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from ivr.domain.hearing import Heard
from ivr.ports import Listening

log = structlog.get_logger(__name__)

_LAST_WORDS_S = 2.0


class DangerEar:
    """`tell` is awaited with all words so far whenever a new one was heard: in a final text, or in two partial
    ones running, because the first guess at a syllable is often taken back a moment later."""

    def __init__(
        self, find: Callable[[str], Sequence[str]], tell: Callable[[tuple[str, ...]], Awaitable[None]]
    ) -> None:
        self._find = find
        self._tell = tell
        self._said = ""
        self._before: frozenset[str] = frozenset()
        self._words: tuple[str, ...] = ()

    async def take(self, heard: Heard) -> None:
        """What was understood next."""
        found = self._find(self._said + heard.text)
        new = [word for word in found if word not in self._words and (heard.is_final or word in self._before)]
        self._before = frozenset(found)
        if heard.is_final:
            self._said += heard.text
        if new:
            self._words = (*self._words, *new)
            log.warning("ivr.emergency.heard", count=len(self._words))
            await self._tell(self._words)


class DangerWatch:
    """Hears a recording's sound, and tells a DangerEar what is understood of it."""

    def __init__(self, listening: Listening, ear: DangerEar) -> None:
        self._listening = listening
        self._ear = ear
        self._following = asyncio.create_task(self._follow())

    def hear(self, pcm: bytes) -> None:
        self._listening.hear(pcm)

    def finish(self) -> None:
        """The recording is over; its last words are still being understood."""
        self._listening.finish()

    async def over(self) -> None:
        """Wait a moment for the last words, then listen no more."""
        await asyncio.wait({self._following}, timeout=_LAST_WORDS_S)
        self._listening.close()
        self._following.cancel()

    async def _follow(self) -> None:
        try:
            while (heard := await self._listening.next_heard()) is not None:
                await self._ear.take(heard)
        except Exception:
            log.exception("ivr.danger_watch.broke_off")
