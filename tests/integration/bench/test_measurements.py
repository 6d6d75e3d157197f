"""The measurements that need SIPp, in small: they measure what is there and leave nothing behind."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from app.bench.calls import measure_calls
from app.bench.held_talks import measure_held_talks
from app.bench.live_speech import measure_live_speech
from app.bench.side import SideSilent, side
from app.bench.sipp_callers import CallsFailed, sipp_callers
from app.bench.storm import measure_storm
from app.bench.upload_delay import measure_upload_delay
from app.bench.word_delay import measure_word_delay
from app.demo.house import House, hotline_house
from kit.net import free_port


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert not multiprocessing.active_children()


def test_calls_are_held_with_audio_both_ways_and_compared_with_a_bare_loop(tmp_path: Path) -> None:
    figures = {figure.name: figure for figure in measure_calls(tmp_path, levels=(3,), window_s=1.0)}
    assert figures["calls_3_held"].value == 3
    assert figures["calls_3_cpu_per_call"].value > 0
    assert figures["calls_3_bare_cpu_per_call"].value > 0
    assert figures["calls_3_jitter_p99_ms"].aim is None  # the promise is about 100 calls


def test_talks_are_held_and_recorded_on_both_lines_and_in_the_queue_of_asterisk(tmp_path: Path) -> None:
    # how much of it comes through on a busy machine is a figure, no rule
    figures = {
        figure.name: figure.value for figure in measure_held_talks(tmp_path, talks=2, window_s=1.0, complete=0.3)
    }
    for way in ("embedded", "asterisk", "queue"):
        assert figures[f"talks_{way}_held"] == 2, way
        assert figures[f"talks_{way}_cpu_per_call"] > 0, way
    assert 0 < figures["talks_asterisk_pbx_cpu_per_call"] < figures["talks_asterisk_cpu_per_call"]


def test_streams_of_a_real_listener_are_held_and_their_latencies_measured() -> None:
    measured = measure_live_speech(
        levels=(1, 2), sentence="路灯坏了", held_within_s=60
    )  # how late is a figure, no rule
    figures = {figure.name: figure for figure in measured}
    assert figures["live_streams_per_core"].value == 2
    assert figures["live_2_partial_p95_ms"].value > 0
    assert figures["live_1_end_p95_ms"].value > 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with hotline_house(
        tmp_path_factory.mktemp("bench") / "house",
        trunk_port=free_port(),
        extra={"HOTLINE_RTP_PORT_MIN": "20000", "HOTLINE_RTP_PORT_MAX": "20998"},
        ready_within_s=60,
    ) as running:
        yield running


def test_uploads_are_transcribed_and_their_delay_has_its_steps(house: House, tmp_path: Path) -> None:
    figures = {figure.name: figure.value for figure in measure_upload_delay(house, tmp_path, messages=2)}
    assert figures["upload_messages"] == 2
    assert 0 < figures["upload_beyond_p50_ms"] < figures["upload_total_p95_ms"]


def test_words_on_the_screen_are_compared_with_those_of_the_listener(house: House) -> None:
    figures = {figure.name: figure.value for figure in measure_word_delay(house, voices=("m3",))}
    assert figures["word_characters"] > 20
    assert figures["word_screen_p50_ms"] <= figures["word_screen_p95_ms"]


def test_a_storm_is_in_the_call_log_to_the_last_call(house: House, tmp_path: Path) -> None:
    figures = {figure.name: figure.value for figure in measure_storm(house, tmp_path, per_second=30, seconds=2)}
    assert (figures["storm_calls"], figures["storm_lost"]) == (60, 0)


def test_a_line_that_does_not_answer_is_a_named_failure(tmp_path: Path) -> None:
    nobody = free_port()
    with (
        sipp_callers(tmp_path / "sipp", to_port=nobody, media_ports=[9], per_second=5, hold_s=0.1) as callers,
        pytest.raises(CallsFailed),
    ):
        callers.finish(within_s=2)
    assert callers.has_ended


def test_a_side_that_dies_is_not_waited_for() -> None:
    with pytest.raises(SideSilent), side(_dies):
        pass


def _dies(pipe: Connection) -> None:
    pipe.close()
