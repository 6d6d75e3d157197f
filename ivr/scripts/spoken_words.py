"""The words of one side of a talk while they are spoken. A recogniser that ends begins anew; the talk never waits."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ivr.domain.hearing import Heard
from ivr.ports import Listener

log = structlog.get_logger(__name__)

_AGAIN_AFTER_S = 5.0


class SpokenWords:
    """`tell` is awaited with everything that is understood, partial and final."""

    def __init__(self, listener: Listener, tell: Callable[[Heard], Awaitable[None]]) -> None:
        self._listener = listener
        self._tell = tell
        self._listening = listener.listen(None)
        self._following = asyncio.create_task(self._follow())

    def hear(self, pcm: bytes) -> None:
        self._listening.hear(pcm)

    def stop(self) -> None:
        self._following.cancel()
        self._listening.close()

    async def _follow(self) -> None:
        while True:
            try:
                while (heard := await self._listening.next_heard()) is not None:
                    await self._tell(heard)
            except Exception:
                log.exception("ivr.spoken_words.broke_off")
            self._listening.close()
            await asyncio.sleep(_AGAIN_AFTER_S)  # the recogniser was away, or its stream had reached its limit
            self._listening = self._listener.listen(None)
