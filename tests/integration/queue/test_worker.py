"""Real worker processes with a real Redis and the real recogniser, killed and cut off at bad moments."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bench.scratch_redis import ScratchRedis
from app.demo.voice import character_error_rate, synthesise
from app.queue import ABANDONED_AFTER, JobQueue
from asr.models import Transcript
from kit.clock import FixedClock
from kit.db import Database
from tests.integration.asr.recordings import add_recording
from tests.integration.queue.worker_side import WorkerPlan, serve

_SAID = "您好，我想反映一下人民路路灯不亮的问题，希望尽快解决，谢谢。"
_DEADLINE_S = 60.0
_spawn = multiprocessing.get_context("spawn")


class Stage:
    """Workers on one queue, one database and one folder of recordings, and what they report."""

    def __init__(self, redis: ScratchRedis, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self.clock = FixedClock(datetime.now(UTC))
        self.queue = JobQueue(redis.url, clock=self.clock, jobs="tests.integration.queue.worker_side")
        self._reports, reports = _spawn.Pipe(duplex=False)
        gate, self._gate = _spawn.Pipe(duplex=False)
        self._plan = WorkerPlan(redis.url, database.url, folder, reports, gate)
        self._workers: list[BaseProcess] = []

    def start_worker(self, *, is_gated: bool = False) -> BaseProcess:
        worker = _spawn.Process(target=serve, args=(replace(self._plan, is_gated=is_gated),))
        worker.start()
        self._workers.append(worker)
        return worker

    def leave_message(self, recording_id: str) -> None:
        """Its recording is in the books and on disk, and it is enqueued."""
        add_recording(self._database, self.clock, recording_id, f"{recording_id}.wav")
        synthesise(_SAID, self._folder / f"{recording_id}.wav", voice="m3")
        self.queue.enqueue_transcription(recording_id)

    def report(self) -> tuple[str, str | int]:
        """The next thing that a worker or its fork has said."""
        assert self._reports.poll(_DEADLINE_S), "no word from the workers"
        said: tuple[str, str | int] = self._reports.recv()
        return said

    def horse_at_work(self) -> int:
        said, pid = self.report()
        assert said == "at_work"
        assert isinstance(pid, int)
        return pid

    def open_gate(self) -> None:
        self._gate.send("go on")

    def texts(self) -> list[str]:
        with self._database.reading() as session:
            return list(session.scalars(select(Transcript.text)))

    def assert_transcribed_once(self) -> None:
        (text,) = self.texts()
        assert character_error_rate(_SAID, text) < 0.25

    def end(self) -> None:
        self._gate.close()  # whoever waits there fails and ends
        for worker in self._workers:
            worker.kill()
            worker.join(_DEADLINE_S)

    def kill(self, worker: BaseProcess) -> None:
        """Gone when this returns. (`join` alone would wait for its fork too: that holds the pipe `join` watches.)"""
        worker.kill()
        while worker.is_alive():
            worker.join(0.05)


@pytest.fixture
def stage(redis: ScratchRedis, database: Database, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(redis, database, tmp_path)
    yield stage
    stage.end()


def test_a_message_is_transcribed_by_a_fork_of_the_worker(stage: Stage) -> None:
    worker = stage.start_worker()
    stage.leave_message("m1")
    assert stage.horse_at_work() != worker.pid
    assert stage.report() == ("TranscriptReady", "m1")
    stage.assert_transcribed_once()


def test_a_fork_killed_in_the_middle_of_recognition_costs_nothing_but_time(stage: Stage) -> None:
    worker = stage.start_worker(is_gated=True)
    stage.leave_message("m1")
    first = stage.horse_at_work()
    os.kill(first, signal.SIGKILL)
    second = stage.horse_at_work()  # at once: nobody had to enqueue it again
    assert second != first
    stage.open_gate()
    assert stage.report() == ("TranscriptReady", "m1")
    stage.assert_transcribed_once()
    assert worker.is_alive()


def test_a_whole_worker_killed_in_the_middle_is_made_good_by_enqueueing_again(stage: Stage) -> None:
    worker = stage.start_worker(is_gated=True)
    stage.leave_message("m1")
    horse = stage.horse_at_work()
    stage.kill(worker)
    os.kill(horse, signal.SIGKILL)

    stage.queue.enqueue_transcription("m1")
    assert stage.queue.waiting() == 0, "nobody can know yet"
    stage.clock.advance(ABANDONED_AFTER + timedelta(minutes=2))  # the job started long after this clock was set
    stage.queue.enqueue_transcription("m1")
    stage.start_worker()
    stage.horse_at_work()
    assert stage.report() == ("TranscriptReady", "m1")
    stage.assert_transcribed_once()


def test_a_worker_killed_without_its_fork_leaves_it_to_finish_the_job(stage: Stage) -> None:
    worker = stage.start_worker(is_gated=True)
    stage.leave_message("m1")
    stage.horse_at_work()
    stage.kill(worker)
    stage.open_gate()
    assert stage.report() == ("TranscriptReady", "m1")
    stage.assert_transcribed_once()


def test_a_worker_started_before_redis_waits_for_it(stage: Stage, redis: ScratchRedis) -> None:
    redis.stop()
    worker = stage.start_worker()
    worker.join(2.0)
    assert worker.is_alive()
    redis.start()
    stage.leave_message("m1")
    stage.horse_at_work()
    assert stage.report() == ("TranscriptReady", "m1")


def test_a_worker_outlives_a_restart_of_redis(stage: Stage, redis: ScratchRedis) -> None:
    worker = stage.start_worker()
    stage.leave_message("m1")
    stage.horse_at_work()
    assert stage.report() == ("TranscriptReady", "m1")
    redis.stop()
    redis.start()
    stage.leave_message("m2")
    stage.horse_at_work()
    assert stage.report() == ("TranscriptReady", "m2")
    assert worker.is_alive()


def test_redis_going_away_under_a_job_does_not_lose_its_transcript(stage: Stage, redis: ScratchRedis) -> None:
    worker = stage.start_worker(is_gated=True)
    stage.leave_message("m1")
    stage.horse_at_work()
    redis.stop()
    stage.open_gate()
    assert stage.report() == ("TranscriptReady", "m1")
    redis.start()
    stage.leave_message("m2")
    stage.horse_at_work()
    stage.open_gate()
    assert stage.report() == ("TranscriptReady", "m2")
    assert worker.is_alive()
    assert len(stage.texts()) == 2


def test_a_worker_told_to_stop_finishes_its_job_first(stage: Stage) -> None:
    worker = stage.start_worker(is_gated=True)
    stage.leave_message("m1")
    stage.horse_at_work()
    worker.terminate()
    stage.open_gate()
    assert stage.report() == ("TranscriptReady", "m1")
    worker.join(_DEADLINE_S)
    assert worker.exitcode == 0
    stage.assert_transcribed_once()


def test_an_idle_worker_stops_when_told_also_while_redis_is_away(stage: Stage, redis: ScratchRedis) -> None:
    worker = stage.start_worker()
    stage.leave_message("m1")
    stage.horse_at_work()
    assert stage.report() == ("TranscriptReady", "m1")
    redis.stop()
    worker.terminate()
    worker.join(_DEADLINE_S)
    assert worker.exitcode == 0
