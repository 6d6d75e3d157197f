"""Real worker processes with a real Redis and the real recogniser, killed and cut off at bad moments."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from app.bench.scratch_redis import ScratchRedis
from app.doctor import Health, examine
from app.queue import ABANDONED_AFTER, TriesExhausted
from app.worker import WorkRules
from asr.domain.breaker import BreakerPolicy
from asr.domain.errors import RECOGNISER_KILLED
from config.settings import Settings
from tests.integration.queue.stage import DEADLINE_S, Stage
from tests.integration.queue.worker_side import RULES
from tests.support.waiting import eventually

_QUICK_TO_REST = WorkRules(timedelta(minutes=10), BreakerPolicy(failures=3, rest=timedelta(seconds=2)))


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


@pytest.mark.parametrize(
    ("promote_after", "order"),
    [(timedelta(minutes=10), ["s1", "s2", "long"]), (timedelta(), ["long", "s1", "s2"])],
    ids=["short before long", "but what has waited too long has its turn"],
)
def test_the_lines_have_their_turns(stage: Stage, promote_after: timedelta, order: list[str]) -> None:
    stage.leave_message("long", "路灯坏了", audio_ms=60_000)
    for message in ("s1", "s2"):
        stage.leave_message(message, "路灯坏了")
    stage.start_worker(rules=WorkRules(promote_after, RULES.breaker))
    assert [stage.next_fact() for _ in order] == order


def test_a_recording_that_kills_every_recogniser_is_set_aside_and_the_others_go_on(
    stage: Stage, redis: ScratchRedis
) -> None:
    stage.poison("deadly")
    for message in ("deadly", "m1", "m2"):
        stage.leave_message(message, "路灯坏了")
    stage.start_worker(rules=_QUICK_TO_REST)
    stage.eventually_transcribed({"m1", "m2"})
    _wait_for_the_end_of_tries(stage, redis, 1)
    assert stage.queue.resting_workers() == {}, "one message says nothing about the others"
    stage.clock.advance(timedelta(minutes=10))
    stage.queue.enqueue_transcription("deadly")
    _wait_for_the_end_of_tries(stage, redis, 2)
    with pytest.raises(TriesExhausted) as refused:
        stage.queue.enqueue_transcription("deadly")
    assert refused.value.reason == RECOGNISER_KILLED


def _wait_for_the_end_of_tries(stage: Stage, redis: ScratchRedis, number: int) -> None:
    with Redis.from_url(redis.url) as connection:
        job = Job.fetch(f"transcribe-deadly-{number}", connection=connection, serializer=JSONSerializer)
        eventually(lambda: job.get_status() is JobStatus.FAILED, DEADLINE_S)


def test_when_nothing_can_be_recognised_the_worker_rests_says_so_and_goes_on_when_it_can(
    stage: Stage, redis: ScratchRedis, tmp_path: Path
) -> None:
    messages = {"m1", "m2", "m3"}
    for message in messages:
        stage.poison(message)
        stage.leave_message(message, "路灯坏了")
    stage.start_worker(rules=_QUICK_TO_REST)
    eventually(lambda: len(stage.queue.resting_workers()) == 1, DEADLINE_S)
    settings = Settings(data_dir=tmp_path, redis_url=redis.url)
    (found,) = (finding for finding in examine(settings) if finding.subject == "recognisers")
    assert found.health is Health.PROBLEM

    for message in messages:
        stage.cure(message)
    stage.eventually_transcribed(messages)
    eventually(lambda: not stage.queue.resting_workers(), DEADLINE_S)
