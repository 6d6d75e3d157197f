"""What one stream of the listener gets: texts when it keeps to the protocol, a reason when it does not."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.listener_process import HELLO, RunningListener, running_listener
from tests.support.waiting import eventually

SOUND = bytes(1600)
WITHIN_S = 5


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningListener]:
    folder = tmp_path_factory.mktemp("listener")
    with running_listener(folder, streams=3, idle_s=0.5, handshake_s=0.5, stream_s=20.0, step_s=60.0) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def first_child(listener: RunningListener) -> int:
    (pid,) = listener.children()
    return pid


def next_of(stream: ClientConnection) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(stream.recv(timeout=WITHIN_S))
    return answer


def test_a_stream_is_told_its_model_then_partial_texts_then_final_words_then_done(listener: RunningListener) -> None:
    with listener.stream('{"sample_rate": 8000, "phrases": ["留言", "unknown"]}') as stream:
        assert next_of(stream) == {"ready": True, "model": "obedient", "unknown_phrases": ["unknown"]}
        stream.send(SOUND)
        assert next_of(stream) == {"partial": "w1"}
        stream.send('{"end": true}')
        words = [{"text": "1600", "start_ms": 0, "end_ms": 100, "confidence": 1.0}]
        assert next_of(stream) == {"words": words, "final": True}
        assert next_of(stream) == {"done": True}
        with pytest.raises(ConnectionClosed):
            stream.recv(timeout=WITHIN_S)


@pytest.mark.parametrize(
    ("hello", "at"),
    [
        ("", "json"),
        ("nonsense", "json"),
        ("[]", "json"),
        ("[" * 10_000, "json"),
        ("{}", "sample_rate"),
        ('{"sample_rate": "8000"}', "sample_rate"),
        ('{"sample_rate": true}', "sample_rate"),
        ('{"sample_rate": 0}', "sample_rate"),
        ('{"sample_rate": 1000000}', "sample_rate"),
        ('{"sample_rate": 8000, "phrases": "留言"}', "phrases"),
        ('{"sample_rate": 8000, "phrases": []}', "phrases"),
        ('{"sample_rate": 8000, "phrases": [1]}', "phrases"),
        ('{"sample_rate": 8000, "phrases": [""]}', "phrases"),
        (json.dumps({"sample_rate": 8000, "phrases": ["长" * 33]}), "phrases"),
        (json.dumps({"sample_rate": 8000, "phrases": ["留言"] * 201}), "phrases"),
    ],
)
def test_a_hello_that_makes_no_sense_is_refused_at_its_word(listener: RunningListener, hello: str, at: str) -> None:
    with listener.stream(hello) as stream:
        assert next_of(stream) == {"refused": at}


def test_sound_before_the_hello_is_refused(listener: RunningListener) -> None:
    with connect(listener.url, compression=None) as stream:
        stream.send(SOUND)
        assert next_of(stream) == {"refused": "sound before hello"}


@pytest.mark.parametrize(("text", "at"), [(HELLO, "message"), ("?", "json")])
def test_only_the_end_may_follow_as_text(listener: RunningListener, text: str, at: str) -> None:
    with listener.ready_stream() as stream:
        stream.send(text)
        assert next_of(stream) == {"refused": at}


def test_sound_may_be_cut_in_the_middle_of_a_sample(listener: RunningListener) -> None:
    with listener.ready_stream() as stream:
        for piece in (SOUND[:801], SOUND[:1], b"", SOUND[:798]):
            stream.send(piece)
        stream.send('{"end": true}')
        answers = [next_of(stream) for _ in range(5)]
        assert answers[-1]["words"][0]["text"] == "1600"


def test_a_message_that_is_too_large_closes_the_stream(listener: RunningListener) -> None:
    with listener.ready_stream() as stream:
        stream.send(bytes(1 << 17))
        with pytest.raises(ConnectionClosed) as closed:
            stream.recv(timeout=WITHIN_S)
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


def test_a_stream_without_sound_is_ended_after_the_idle_time(listener: RunningListener) -> None:
    for stream in (listener.ready_stream(), connect(listener.url, compression=None, legacy=True)):
        with stream:
            assert next_of(stream) == {"refused": "idle"}


def test_a_flood_ends_at_the_longest_stream_however_fast_it_comes(listener: RunningListener) -> None:
    with listener.ready_stream() as stream:
        for _ in range(10):
            stream.send(bytes(32000))
            next_of(stream)
        assert next_of(stream)["words"][0]["text"] == "320000"
        assert next_of(stream) == {"done": True}


def test_a_failing_recogniser_fails_its_stream_only(listener: RunningListener) -> None:
    with listener.ready_stream() as other, listener.ready_stream("fail") as stream:
        stream.send(SOUND)
        assert next_of(stream) == {"refused": "recognition"}
        other.send(SOUND)
        assert next_of(other) == {"partial": "w1"}


def test_one_stream_too_many_is_told_so_at_once_and_the_others_go_on(listener: RunningListener) -> None:
    streams = [listener.ready_stream() for _ in range(3)]
    with listener.stream() as refused:
        asked = time.monotonic()
        assert next_of(refused) == {"refused": "full"}
        assert time.monotonic() - asked < 0.3
    for stream in streams:
        stream.send(SOUND)
        assert next_of(stream) == {"partial": "w1"}
        stream.close()
    with listener.ready_stream():
        pass


def test_web_pages_are_not_served(listener: RunningListener) -> None:
    with pytest.raises(InvalidStatus), connect(listener.url, compression=None, origin=Origin("http://evil.example")):
        pass


@pytest.mark.parametrize("garbage", [b"", b"\x00" * 100, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"G" * 100_000])
def test_strangers_and_half_open_connections_are_let_go_within_the_handshake_time(
    listener: RunningListener, garbage: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", listener.port)) as stranger:
        stranger.settimeout(WITHIN_S)
        began = time.monotonic()
        try:
            stranger.sendall(garbage)
            while stranger.recv(4096):
                pass
        except ConnectionError:
            pass
        assert time.monotonic() - began < 2
    with listener.ready_stream():
        pass


def test_a_crowd_of_half_open_connections_keeps_nobody_out_for_longer_than_the_handshake(
    listener: RunningListener,
) -> None:
    crowd = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(60)]
    try:
        eventually(lambda: _can_stream(listener), within_s=3)
    finally:
        for each in crowd:
            each.close()


def _can_stream(listener: RunningListener) -> bool:
    try:
        with listener.ready_stream():
            return True
    except (OSError, WebSocketException):
        return False


def test_after_all_that_it_is_still_the_first_child(listener: RunningListener, first_child: int) -> None:
    assert listener.children() == [first_child]
