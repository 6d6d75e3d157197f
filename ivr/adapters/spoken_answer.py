"""Listening for one answer: what was understood so far, and until when silence is waited for."""

import asyncio
from collections.abc import Callable

from ivr.domain.hearing import Heard
from ivr.ports import Listening

LONGEST_ANSWER_S = 10.0
"""Speaking holds back the end of the silence for so long at most: a television must not hold the line."""


class SpokenAnswer:
    """Fed by a Listening in the background; `on_news` is called whenever something changed."""

    def __init__(self, listening: Listening, timeout_s: float, on_news: Callable[[], None]) -> None:
        self._listening = listening
        self._timeout_s = timeout_s
        self._on_news = on_news
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._silent_until = self._began + timeout_s
        self._answer: Heard | None = None
        self._is_speaking = False
        self._following = asyncio.create_task(self._follow())

    @property
    def answer(self) -> Heard | None:
        """The first final words, if nothing was lost before them."""
        return self._answer if self._listening.is_reliable else None

    @property
    def left_s(self) -> float:
        """How long to wait on from now; 0 or less: it was silent for too long."""
        until = self._began + self._timeout_s + LONGEST_ANSWER_S if self._is_speaking else self._silent_until
        return until - self._loop.time()

    def stop(self) -> None:
        self._following.cancel()

    async def _follow(self) -> None:
        try:
            while (heard := await self._listening.next_heard()) is not None:
                self._take(heard)
        finally:
            self._fall_silent()

    def _take(self, heard: Heard) -> None:
        if heard.is_final:
            self._answer = self._answer or heard
        if heard.text and not heard.is_final:
            self._is_speaking = True
        else:
            self._fall_silent()
        self._on_news()

    def _fall_silent(self) -> None:
        if self._is_speaking:
            self._is_speaking = False
            latest = self._began + self._timeout_s + LONGEST_ANSWER_S
            self._silent_until = min(latest, self._loop.time() + self._timeout_s)
