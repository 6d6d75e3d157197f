"""Nudges between processes: at once through Redis, and slower without it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from app.feed_nudges import TOPICS, FeedNudges, LocalNudges, RedisNudges
from tests.support.ports import free_port

_LONG_POLL_S = 60.0


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[str]:
    """A Redis of our own, answering."""
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    try:
        retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 200)
        client = redis.Redis(port=port, retry=retry, retry_on_error=[redis.ConnectionError])
        client.ping()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


async def until(heard: AsyncIterator[frozenset[str]], topic: str) -> frozenset[str]:
    """The first item with this topic, within ten seconds."""
    async with asyncio.timeout(10):
        while True:
            topics = await anext(heard)
            if topic in topics:
                return topics


@pytest.fixture(params=["local", "redis"])
def nudges(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FeedNudges]:
    """Each way of nudging, without its regular look-around."""
    if request.param == "local":
        yield LocalNudges(poll_s=_LONG_POLL_S)
        return
    with redis_server(tmp_path, free_port()) as url:
        yield RedisNudges(url, poll_s=_LONG_POLL_S)


async def test_who_starts_listening_looks_at_everything_once(nudges: FeedNudges) -> None:
    assert await anext(nudges.listen()) == TOPICS


async def test_a_nudge_wakes_the_listener_and_tells_its_topic(nudges: FeedNudges) -> None:
    heard = nudges.listen()
    await anext(heard)
    await asyncio.to_thread(nudges.publish, "call")
    assert await until(heard, "call") == {"call"}
    assert nudges.is_reachable()


async def test_without_a_nudge_the_listener_looks_around_by_himself(tmp_path: Path) -> None:
    with redis_server(tmp_path, free_port()) as url:
        for nudges in (LocalNudges(poll_s=0.05), RedisNudges(url, poll_s=0.05)):
            heard = nudges.listen()
            await anext(heard)
            assert await anext(heard) == frozenset()


async def test_redis_away_only_makes_it_slower_and_back_again_fast(tmp_path: Path) -> None:
    port = free_port()
    nudges = RedisNudges(f"redis://127.0.0.1:{port}/0", poll_s=0.05)
    heard = nudges.listen()
    for _ in range(3):
        assert await anext(heard) == TOPICS
    nudges.publish("ticket")  # lost, not raised
    assert not nudges.is_reachable()
    with redis_server(tmp_path, port):
        async with asyncio.timeout(10):
            while await anext(heard) != frozenset():
                pass
            while True:  # after its pause the publisher tries again
                nudges.publish("ticket")
                if await anext(heard) == {"ticket"}:
                    break
    async with asyncio.timeout(10):
        while await anext(heard) != TOPICS:
            pass
