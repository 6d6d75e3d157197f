"""The words of talks, from Redis to the feed socket of the person who talks; nobody else gets them."""

import asyncio

import structlog
from redis.exceptions import RedisError

from app.api.feed_hub import FeedHub
from app.live_words import live_words

log = structlog.get_logger(__name__)

_AGAIN_AFTER_S = 2.0


async def relay_live_words(redis_url: str, hub: FeedHub) -> None:
    """Until cancelled; without Redis there are none."""
    is_away = False
    while True:
        try:
            async for spoken in live_words(redis_url):
                is_away = False
                hub.tell_words(spoken)
        except (RedisError, OSError) as error:
            if not is_away:
                log.warning("web.live_words.away", reason=type(error).__name__)
            is_away = True
        except Exception:
            log.exception("web.live_words.failed")
        await asyncio.sleep(_AGAIN_AFTER_S)
