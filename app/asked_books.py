"""Questions to the books from the event loop, which waits for none of them long.

A question of which nobody awaits the answer any more is still being asked, and may change the books: so what concerns
one call is asked in its order, however long each takes.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from app.views.database_health import DATABASE_AWAY
from kit.errors import HotlineError

log = structlog.get_logger(__name__)
T = TypeVar("T")

_WITHIN_S = 3.0


class AskedBooks:
    """Nothing here raises."""

    def __init__(self) -> None:
        self._asked: set[asyncio.Task[Any]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """By call, as long as something is being asked about it."""
        self._are_away = False

    async def ask(self, question: Callable[[], T], call_id: str | None = None) -> T | None:
        """None when the books are away or late, or know better; what is known is logged once.

        `call_id`: the call whose row it changes. The next question about it comes after it.
        """
        asked = self._begin(question, call_id)
        try:
            async with asyncio.timeout(_WITHIN_S):
                return await asyncio.shield(asked)
        except TimeoutError as error:
            self._miss(error)
            return None

    def tell(self, what: Callable[[], object], call_id: str | None = None) -> None:
        """Nobody waits for it."""
        self._begin(what, call_id)

    def _begin(self, question: Callable[[], T], call_id: str | None) -> asyncio.Task[T | None]:
        task = asyncio.create_task(self._answer(question, call_id))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        return task

    async def _answer(self, question: Callable[[], T], call_id: str | None) -> T | None:
        turn: contextlib.AbstractAsyncContextManager[None] = contextlib.nullcontext()
        if call_id is not None:
            turn = self._turns.setdefault(call_id, asyncio.Lock())
        try:
            async with turn:
                answer = await asyncio.to_thread(question)
        except HotlineError as error:
            log.warning("app.seat_exchange.refused", code=error.code)
            return None
        except DATABASE_AWAY as error:
            self._miss(error)
            return None
        except Exception:
            log.exception("app.seat_exchange.failed")
            return None
        self._are_away = False
        return answer

    def _miss(self, error: BaseException) -> None:
        if not self._are_away:
            log.error("app.seat_exchange.books_away", reason=type(error).__name__)
        self._are_away = True
