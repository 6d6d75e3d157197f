"""The sound of a call over its socket: pieces, marks, holding off, a cut, strangers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ivr.adapters.asterisk.media_server import MediaServer
from ivr.adapters.asterisk.media_stream import AsteriskStream
from tests.contracts.eventually import eventually

SECOND = b"\xd5" * 8000


class Ears:
    def __init__(self) -> None:
        self.pcm = b""
        self.played = 0

    def frame_heard(self, pcm: bytes) -> None:
        self.pcm += pcm

    def digit_pressed(self, digit: str) -> None:
        raise AssertionError("digits come by ARI")

    def sound_played(self) -> None:
        self.played += 1


class FarEnd:
    """Asterisk's end of the socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.sounds: list[bytes] = []
        self.commands: list[dict[str, str]] = []
        self._taking = asyncio.create_task(self._take())

    async def _take(self) -> None:
        async for message in self.socket:
            if isinstance(message, bytes):
                self.sounds.append(message)
            else:
                self.commands.append(json.loads(message))

    @property
    def marks(self) -> list[str]:
        return [each["correlation_id"] for each in self.commands if each["command"] == "MARK_MEDIA"]

    async def say(self, event: str, **words: str) -> None:
        await self.socket.send(json.dumps({"event": event, **words}))

    async def until_marks(self, count: int) -> None:
        await eventually(lambda: len(self.marks) >= count)


@asynccontextmanager
async def server_with(stream: AsteriskStream) -> AsyncIterator[MediaServer]:
    server = MediaServer("127.0.0.1", 0)
    await server.open()
    server.expect("m1", stream)
    try:
        yield server
    finally:
        await server.close()


def dial(server: MediaServer, media_id: str) -> connect:
    return connect(
        f"ws://127.0.0.1:{server.port}/media?media_id={media_id}", proxy=None, subprotocols=[Subprotocol("media")]
    )


async def test_asterisk_is_never_given_more_than_it_can_keep_and_the_end_is_told_once() -> None:
    stream, ears = AsteriskStream(), Ears()
    stream.listener = ears
    async with server_with(stream) as server, dial(server, "m1") as socket:
        far = FarEnd(socket)
        stream.play(SECOND * 18)
        await far.until_marks(2)
        assert sum(map(len, far.sounds)) <= 10 * len(SECOND)
        answered = 0
        while answered < 5:
            await far.until_marks(answered + 1)
            await far.say("MEDIA_MARK_PROCESSED", correlation_id=far.marks[answered])
            answered += 1
        await eventually(lambda: ears.played == 1)
        assert b"".join(far.sounds) == SECOND * 18


async def test_a_barge_in_flushes_and_what_was_flushed_is_not_reported() -> None:
    stream, ears = AsteriskStream(), Ears()
    stream.listener = ears
    async with server_with(stream) as server, dial(server, "m1") as socket:
        far = FarEnd(socket)
        stream.play(SECOND)
        await far.until_marks(1)
        stream.discard()
        await eventually(lambda: far.commands[-1]["command"] == "FLUSH_MEDIA")
        await far.say("MEDIA_MARK_PROCESSED", correlation_id=far.marks[0])  # it was under way
        stream.play(SECOND)
        await far.until_marks(2)
        assert ears.played == 0
        await far.say("MEDIA_MARK_PROCESSED", correlation_id=far.marks[1])
        await eventually(lambda: ears.played == 1)


async def test_nothing_is_sent_while_asterisk_holds_us_off() -> None:
    stream = AsteriskStream()
    async with server_with(stream) as server, dial(server, "m1") as socket:
        far = FarEnd(socket)
        stream.play(SECOND * 18)
        await far.until_marks(2)
        await far.say("MEDIA_XOFF")
        await far.say("MEDIA_MARK_PROCESSED", correlation_id=far.marks[0])
        await far.say("STATUS")
        await asyncio.sleep(0.1)
        assert len(far.marks) == 2
        await far.say("MEDIA_XON")
        await far.until_marks(3)


async def test_what_a_cut_socket_did_not_play_is_played_by_the_next_one() -> None:
    stream, ears = AsteriskStream(), Ears()
    stream.listener = ears
    async with server_with(stream) as server:
        async with dial(server, "m1") as socket:
            first = FarEnd(socket)
            stream.play(SECOND * 5)
            await first.until_marks(2)
            await first.say("MEDIA_MARK_PROCESSED", correlation_id=first.marks[0])
            await eventually(lambda: len(stream._pieces) == 1)
        await eventually(lambda: not stream.is_connected)
        server.expect("m2", stream)
        async with dial(server, "m2") as socket:
            second = FarEnd(socket)
            await second.until_marks(1)
            await eventually(lambda: b"".join(second.sounds) == SECOND)
            await second.say("MEDIA_MARK_PROCESSED", correlation_id=second.marks[0])
            await eventually(lambda: ears.played == 1)


async def test_a_line_with_nothing_to_play_is_kept_open_by_silence_that_gives_way_at_once() -> None:
    stream, ears = AsteriskStream(keeps_line_open=True), Ears()
    stream.listener = ears
    async with server_with(stream) as server, dial(server, "m1") as socket:
        far = FarEnd(socket)
        await far.until_marks(1)
        await far.say("MEDIA_MARK_PROCESSED", correlation_id=far.marks[0])
        await far.until_marks(2)
        assert [set(sound) for sound in far.sounds] == [{0xD5}, {0xD5}]
        stream.play(b"\x11" * 800)
        await far.until_marks(3)
        assert far.sounds[-1] == b"\x11" * 800
        assert [each["command"] for each in far.commands][-4] == "FLUSH_MEDIA"
        await far.say("MEDIA_MARK_PROCESSED", correlation_id=far.marks[2])
        await far.until_marks(4)
        assert ears.played == 1
        assert set(far.sounds[-1]) == {0xD5}


async def test_strangers_and_second_comers_are_refused() -> None:
    stream = AsteriskStream()
    async with server_with(stream) as server, dial(server, "m1"):
        for media_id in ("m1", "guessed", ""):
            with pytest.raises(InvalidStatus) as refused:
                await dial(server, media_id)
            assert refused.value.response.status_code == 404


async def test_what_the_caller_did_not_send_is_silence_true_in_time() -> None:
    stream, ears = AsteriskStream(), Ears()
    stream.listener = ears
    async with server_with(stream) as server, dial(server, "m1") as socket:
        await eventually(lambda: stream.is_connected)
        stream.start_hearing()
        began = asyncio.get_running_loop().time()
        await socket.send(b"\x55" * 160)
        await asyncio.sleep(0.8)
        stream.stop_hearing()
        elapsed_s = asyncio.get_running_loop().time() - began
    assert abs(len(ears.pcm) / 16000 - elapsed_s) <= 0.35
    assert any(ears.pcm[:640])
    assert not any(ears.pcm[640:])
