"""Kills, hangs, growth and new models: what the streams get, and who takes over."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.support.listener_process import RunningListener, is_serving, running_listener
from tests.support.waiting import eventually

SOUND = bytes(1600)
WITHIN_S = 5


def next_of(stream: ClientConnection) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(stream.recv(timeout=WITHIN_S))
    return answer


def still_hears(stream: ClientConnection) -> bool:
    stream.send(SOUND)
    return "partial" in next_of(stream)


def is_cut(stream: ClientConnection) -> bool:
    try:
        for _ in range(10):
            stream.recv(timeout=WITHIN_S)
    except ConnectionClosed:
        return True
    return False


def two_streams_apart(listener: RunningListener) -> tuple[ClientConnection, ClientConnection]:
    """One stream in each of two children: a connection goes to the child that has fewer."""
    return listener.ready_stream(), listener.ready_stream()


def test_each_child_may_be_killed_and_costs_its_own_streams_only(tmp_path: Path) -> None:
    with running_listener(tmp_path, children=2) as listener:
        victims = listener.children()
        for victim in victims:
            one, two = two_streams_apart(listener)
            os.kill(victim, signal.SIGKILL)
            eventually(lambda: len(listener.children()) == 2 and victim not in listener.children(), WITHIN_S)  # noqa: B023
            with listener.ready_stream() as fresh:
                assert still_hears(fresh)
            lost = [stream for stream in (one, two) if not _survives(stream)]
            assert len(lost) <= 1
            for stream in (one, two):
                stream.close()
        assert not set(victims) & set(listener.children())


def _survives(stream: ClientConnection) -> bool:
    try:
        return still_hears(stream)
    except ConnectionClosed:
        return False


def test_a_decoder_that_crashes_the_process_is_followed_by_a_new_one_every_time(tmp_path: Path) -> None:
    with running_listener(tmp_path) as listener:
        for _ in range(2):
            stream = listener.ready_stream("die")
            stream.send(SOUND)
            assert is_cut(stream)
            eventually(lambda: is_serving(listener.url), WITHIN_S)


def test_a_killed_parent_leaves_no_process_and_no_taken_port_and_speakers_finish(tmp_path: Path) -> None:
    with running_listener(tmp_path, drain_s=3.0) as listener:
        speaking = listener.ready_stream()
        (child,) = listener.children()
        listener.process.kill()
        listener.process.wait()
        with running_listener(tmp_path, port=listener.port) as successor:
            assert still_hears(speaking)
            speaking.send('{"end": true}')
            assert next_of(speaking)["final"]
            assert next_of(speaking) == {"done": True}
            eventually(lambda: not psutil.pid_exists(child), WITHIN_S)
            with successor.ready_stream() as fresh:
                assert still_hears(fresh)


def test_a_decoder_that_hangs_is_cut_off_and_its_child_replaced_without_harm_to_the_others(tmp_path: Path) -> None:
    with running_listener(tmp_path, step_s=0.3) as listener:
        (child,) = listener.children()
        other, hanging = listener.ready_stream(), listener.ready_stream("hang")
        hanging.send(SOUND)
        assert is_cut(hanging)
        eventually(lambda: len(listener.children()) == 2, WITHIN_S)
        assert still_hears(other)
        with listener.ready_stream() as fresh:
            assert still_hears(fresh)
        other.send('{"end": true}')
        eventually(lambda: child not in listener.children(), WITHIN_S)


def test_a_child_is_replaced_after_its_share_of_streams(tmp_path: Path) -> None:
    with running_listener(tmp_path, streams_served=3) as listener:
        (child,) = listener.children()
        last = [listener.ready_stream() for _ in range(2)]  # the first was the question whether it serves
        eventually(lambda: len(listener.children()) == 2, WITHIN_S)
        assert all(still_hears(stream) for stream in last)
        for stream in last:
            stream.close()
        eventually(lambda: child not in listener.children(), WITHIN_S)


def test_a_child_that_grows_is_replaced(tmp_path: Path) -> None:
    with running_listener(tmp_path, growth_bytes=32 << 20) as listener:
        (child,) = listener.children()
        with listener.ready_stream("grow") as stream:
            assert still_hears(stream)
            eventually(lambda: len(listener.children()) == 2, WITHIN_S)
            assert still_hears(stream)
        eventually(lambda: child not in listener.children(), WITHIN_S)


def test_a_new_model_serves_new_streams_while_old_ones_finish_with_the_old_one(tmp_path: Path) -> None:
    with running_listener(tmp_path, children=2) as listener:
        assert listener.model_file is not None
        old = listener.ready_stream()
        listener.model_file.write_text("newer")
        eventually(lambda: _model_in_use(listener) == "newer", WITHIN_S)
        assert still_hears(old)
        old.close()
        eventually(lambda: len(listener.children()) == 2, WITHIN_S)


def _model_in_use(listener: RunningListener) -> str:
    with listener.stream() as stream:
        return str(next_of(stream)["model"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_speaking_when_it_is_stopped_may_finish(tmp_path: Path, number: int) -> None:
    with running_listener(tmp_path) as listener:
        speaking = listener.ready_stream()
        listener.process.send_signal(number)
        eventually(lambda: not is_serving(listener.url), WITHIN_S)
        assert still_hears(speaking)
        speaking.send('{"end": true}')
        assert next_of(speaking)["final"]
        assert listener.process.wait(WITHIN_S) == 0
