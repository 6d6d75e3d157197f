"""Waiting for something that tells nobody when it happens."""

import asyncio
from collections.abc import Callable


async def eventually(happened: Callable[[], bool], *, within_s: float = 8.0) -> None:
    """Return as soon as the condition holds; raises TimeoutError after the deadline."""
    async with asyncio.timeout(within_s):
        while not happened():  # noqa: ASYNC110 - a counter or another program has no event to wait on
            await asyncio.sleep(0.01)
