"""Live speech as a call sees it: nothing waits, nothing raises, and a dead listener is soon left alone."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.server import ServerConnection, serve

from ivr.adapters.live_speech import LiveSpeech, LiveStream
from ivr.domain.hearing import Heard, HeardWord
from kit.net import free_port
from tests.contracts.eventually import eventually

FRAME = bytes(320)
READY = '{"ready": true, "model": "m", "unknown_phrases": []}'
WORDS = '{"words": [{"text": "留言", "start_ms": 10, "end_ms": 20, "confidence": 0.9}], "final": true}'
WITHIN_S = 5


@asynccontextmanager
async def listener_that(acts: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[LiveSpeech]:
    async with serve(acts, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield LiveSpeech(f"ws://127.0.0.1:{port}")


async def all_heard(stream: LiveStream) -> list[Heard]:
    heard = []
    async with asyncio.timeout(WITHIN_S):
        while (text := await stream.next_heard()) is not None:
            heard.append(text)
    return heard


async def test_sound_goes_in_and_texts_come_out() -> None:
    seen: list[object] = []

    async def understand(connection: ServerConnection) -> None:
        seen.append(json.loads(await connection.recv()))
        await connection.send(READY)
        seen.append(await connection.recv())
        await connection.send('{"partial": "留"}')
        while isinstance(message := await connection.recv(), bytes):
            pass
        seen.append(json.loads(message))
        await connection.send(WORDS)
        await connection.send('{"done": true}')

    async with listener_that(understand) as speech:
        stream = speech.listen(["留言"])
        stream.hear(FRAME)
        assert await stream.next_heard() == Heard("留", is_final=False)
        stream.finish()
        stream.hear(FRAME)  # too late, and no harm
        assert await all_heard(stream) == [Heard("留言", (HeardWord("留言", 10, 20, 0.9),))]
        assert await stream.next_heard() is None
        assert stream.is_reliable
    assert seen == [{"sample_rate": 8000, "phrases": ["留言"]}, FRAME, {"end": True}]


async def test_where_nobody_listens_a_stream_ends_at_once() -> None:
    stream = LiveSpeech(f"ws://127.0.0.1:{free_port()}").listen(None)
    stream.hear(FRAME)
    assert await all_heard(stream) == []
    assert not stream.is_reliable


async def test_after_three_failures_nobody_tries_for_a_while() -> None:
    tried = 0

    async def hang_up(connection: ServerConnection) -> None:
        nonlocal tried
        tried += 1
        await connection.close()

    with capture_logs() as logs:
        async with listener_that(hang_up) as speech:
            for _ in range(6):
                assert await all_heard(speech.listen(None)) == []
    assert tried == 3
    assert [log["event"] for log in logs].count("ivr.live_speech.away") == 1


@pytest.mark.parametrize(
    "answer",
    ["", "?", "[]", "null", "{}", '{"ready": 1}', '{"refused": "full"}', b"\x00", '{"ready": true', "[" * 5000],
    ids=range(10),
)
async def test_a_listener_that_answers_nonsense_is_a_failed_one(answer: str | bytes) -> None:
    async def talk_nonsense(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(answer)
        await connection.wait_closed()

    async with listener_that(talk_nonsense) as speech:
        stream = speech.listen(None)
        assert await all_heard(stream) == []
        assert not stream.is_reliable


@pytest.mark.parametrize(
    "text", ["?", "[]", "{}", '{"words": 5}', '{"words": [{}]}', '{"words": [{"text": "x"}]}', '{"refused": "idle"}']
)
async def test_nonsense_in_the_middle_ends_the_stream_as_unreliable(text: str) -> None:
    async def begin_well(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(READY)
        await connection.send(text)
        await connection.wait_closed()

    async with listener_that(begin_well) as speech:
        stream = speech.listen(None)
        assert await all_heard(stream) == []
        assert not stream.is_reliable


async def test_a_listener_that_takes_connections_and_says_nothing_is_given_up_in_a_third_of_a_second() -> None:
    async def say_nothing(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with listener_that(say_nothing) as speech:
        began = time.monotonic()
        assert await all_heard(speech.listen(None)) == []
        assert time.monotonic() - began < 1.0


async def test_a_port_that_only_takes_connections_is_given_up_too() -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await all_heard(LiveSpeech(f"ws://127.0.0.1:{port}").listen(None)) == []


async def test_a_listener_that_does_not_keep_up_costs_the_answer_never_the_call() -> None:
    async def never_read(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(READY)
        connection.transport.pause_reading()
        await connection.wait_closed()

    async with listener_that(never_read) as speech:
        stream = speech.listen(None)
        began = time.monotonic()
        for _ in range(5000):
            stream.hear(bytes(32000))
        assert time.monotonic() - began < 1.0
        assert not stream.is_reliable
        stream.close()


async def test_a_connection_that_breaks_in_the_middle_is_an_unreliable_end() -> None:
    async def break_off(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(READY)
        await connection.send(WORDS)
        connection.transport.abort()

    async with listener_that(break_off) as speech:
        stream = speech.listen(None)
        assert len(await all_heard(stream)) <= 1
        assert not stream.is_reliable


async def test_closing_ends_the_connection_and_is_no_failure() -> None:
    over = asyncio.Event()

    async def listen(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(READY)
        await connection.wait_closed()
        over.set()

    with capture_logs() as logs:
        async with listener_that(listen) as speech:
            stream = speech.listen(None)
            stream.close()
            stream.close()
            stream.hear(FRAME)
            await asyncio.wait_for(over.wait(), WITHIN_S)
            await eventually(lambda: not stream.is_reliable)
    assert logs == []


async def test_a_stream_whose_loop_is_gone_harms_nobody() -> None:
    loop = asyncio.new_event_loop()
    stream = LiveStream(loop)
    loop.close()
    stream.tell(Heard("留言"))
    assert stream.is_closed
