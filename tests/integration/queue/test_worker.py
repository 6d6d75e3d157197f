"""Real worker processes with a real Redis and the real recogniser, killed and cut off at bad moments."""

import os
import signal
from datetime import timedelta

from app.bench.scratch_redis import ScratchRedis
from app.queue import ABANDONED_AFTER
from tests.integration.queue.stage import DEADLINE_S, Stage


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
    worker.join(DEADLINE_S)
    assert worker.exitcode == 0
    stage.assert_transcribed_once()


def test_an_idle_worker_stops_when_told_also_while_redis_is_away(stage: Stage, redis: ScratchRedis) -> None:
    worker = stage.start_worker()
    stage.leave_message("m1")
    stage.horse_at_work()
    assert stage.report() == ("TranscriptReady", "m1")
    redis.stop()
    worker.terminate()
    worker.join(DEADLINE_S)
    assert worker.exitcode == 0
