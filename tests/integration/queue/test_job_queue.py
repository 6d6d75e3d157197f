import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from app.bench.scratch_redis import ScratchRedis
from app.queue import (
    ABANDONED_AFTER,
    ENDED_BY,
    REST_AFTER_FAILURE,
    JobQueue,
    QueueUnavailable,
    TriesExhausted,
    job_timeout_s,
)
from app.speech_queues import SpeechQueue
from asr.domain.errors import RECOGNISER_KILLED
from kit.clock import FixedClock

_done: list[str] = []


def transcribe_message(message_id: str) -> None:
    """The job, done in this process."""
    if message_id == BROKEN:
        raise RuntimeError("broken")
    _done.append(message_id)


def transcribe_part(message_id: str, part_no: int) -> None:
    _done.append(f"{message_id}/{part_no}")


BROKEN = "broken"


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    _done.clear()


@pytest.fixture
def connection(redis: ScratchRedis) -> Iterator[Redis]:
    with Redis.from_url(redis.url) as client:
        yield client


@pytest.fixture
def now() -> FixedClock:
    """RQ stamps its jobs with the machine's time, so this clock starts there."""
    return FixedClock(datetime.now(UTC))


def _queue(redis: ScratchRedis, clock: FixedClock | None = None) -> JobQueue:
    return JobQueue(redis.url, clock=clock, jobs=__name__)


def _lines(connection: Redis) -> list[Queue]:
    return [Queue(name, connection=connection, serializer=JSONSerializer) for name in SpeechQueue]


def _run_all(connection: Redis) -> None:
    worker = SimpleWorker(_lines(connection), connection=connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="CRITICAL")


def _job(connection: Redis, number: int, message_id: str = "m1") -> Job:
    return Job.fetch(f"transcribe-{message_id}-{number}", connection=connection, serializer=JSONSerializer)


def test_an_enqueued_message_reaches_the_worker_by_its_id(redis: ScratchRedis, connection: Redis) -> None:
    _queue(redis).enqueue_transcription("m1")
    _run_all(connection)
    assert _done == ["m1"]


def test_messages_are_taken_in_the_order_they_came(redis: ScratchRedis, connection: Redis) -> None:
    for message in ("m3", "m1", "m2"):
        _queue(redis).enqueue_transcription(message)
    _run_all(connection)
    assert _done == ["m3", "m1", "m2"]


def test_a_message_that_waits_in_line_is_not_added_again(redis: ScratchRedis, now: FixedClock) -> None:
    queue = _queue(redis, now)
    for _ in range(3):
        queue.enqueue_transcription("m1")
        now.advance(timedelta(hours=1))
    assert queue.waiting() == 1


def test_many_processes_enqueueing_at_once_add_one_job(redis: ScratchRedis) -> None:
    together = threading.Barrier(8)

    def enqueue() -> None:
        queue = _queue(redis)
        together.wait(timeout=20)
        queue.enqueue_transcription("m1")

    threads = [threading.Thread(target=enqueue) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert _queue(redis).waiting() == 1


def test_a_finished_job_does_not_stand_in_the_way_of_another(redis: ScratchRedis, connection: Redis) -> None:
    for _ in range(2):
        _queue(redis).enqueue_transcription("m1")
        _run_all(connection)
    assert _done == ["m1", "m1"]


def test_a_job_that_failed_in_all_its_tries_is_tried_again_after_a_rest(
    redis: ScratchRedis, connection: Redis, now: FixedClock
) -> None:
    queue = _queue(redis, now)
    queue.enqueue_transcription(BROKEN)
    _run_all(connection)
    assert _job(connection, 1, BROKEN).get_status() is JobStatus.FAILED

    queue.enqueue_transcription(BROKEN)
    assert queue.waiting() == 0, "it rests"
    now.advance(REST_AFTER_FAILURE + timedelta(seconds=10))
    queue.enqueue_transcription(BROKEN)
    queue.enqueue_transcription(BROKEN)
    assert queue.waiting() == 1


def test_what_fails_for_a_reason_of_its_surroundings_is_tried_for_ever_with_longer_rests(
    redis: ScratchRedis, connection: Redis, now: FixedClock
) -> None:
    queue = _queue(redis, now)
    for number in range(1, 5):
        queue.enqueue_transcription(BROKEN)
        assert queue.waiting() == 1
        _run_all(connection)
        job = _job(connection, number, BROKEN)
        job.ended_at = now.now()
        job.save()
        now.advance(REST_AFTER_FAILURE * 2 ** (number - 1) - timedelta(seconds=1))
        queue.enqueue_transcription(BROKEN)
        assert queue.waiting() == 0, "it rests"
        now.advance(timedelta(seconds=2))


def test_a_recording_that_broke_every_try_is_set_aside(redis: ScratchRedis, connection: Redis, now: FixedClock) -> None:
    queue = _queue(redis, now)
    for number in (1, 2):
        queue.enqueue_transcription(BROKEN)
        _run_all(connection)
        job = _job(connection, number, BROKEN)
        job.meta[ENDED_BY] = RECOGNISER_KILLED
        job.save_meta()  # type: ignore[no-untyped-call]
        now.advance(timedelta(hours=1))
    with pytest.raises(TriesExhausted) as refused:
        queue.enqueue_transcription(BROKEN)
    assert refused.value.reason == RECOGNISER_KILLED
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 1, "the others go on"


def test_short_messages_come_before_long_ones(redis: ScratchRedis, connection: Redis) -> None:
    queue = _queue(redis)
    queue.enqueue_part("recording", 1, 45_000)
    queue.enqueue_transcription("long", 60_000)
    queue.enqueue_transcription("short", 8_000)
    _run_all(connection)
    assert _done == ["short", "recording/1", "long"]


def test_each_part_of_a_message_is_enqueued_once(redis: ScratchRedis) -> None:
    queue = _queue(redis)
    for part_no in (1, 2, 1, 2):
        queue.enqueue_part("m1", part_no, 45_000)
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 3


def test_a_started_job_is_left_alone_until_its_worker_has_been_silent_for_long(
    redis: ScratchRedis, connection: Redis, now: FixedClock
) -> None:
    queue = _queue(redis, now)
    queue.enqueue_transcription("m1")
    taken = _take(connection)
    taken.set_status(JobStatus.STARTED)
    taken.heartbeat(now.now(), 100)

    now.advance(ABANDONED_AFTER - timedelta(seconds=1))
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 0
    now.advance(timedelta(seconds=2))
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 1
    assert _job(connection, 2).get_status() is JobStatus.QUEUED


def test_a_job_taken_by_a_worker_that_died_before_starting_it_is_tried_again(
    redis: ScratchRedis, connection: Redis, now: FixedClock
) -> None:
    queue = _queue(redis, now)
    queue.enqueue_transcription("m1")
    _take(connection)
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 0
    now.advance(ABANDONED_AFTER + timedelta(seconds=1))
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 1


def _take(connection: Redis) -> Job:
    """What a worker does first: the job leaves the line."""
    taken = Queue.dequeue_any(_lines(connection), None, connection=connection, serializer=JSONSerializer)
    assert taken is not None
    return taken[0]


def test_the_time_limit_grows_with_the_message(redis: ScratchRedis, connection: Redis) -> None:
    _queue(redis).enqueue_transcription("m1", audio_ms=20_000)
    assert _job(connection, 1).timeout == job_timeout_s(20_000) == 90
    assert job_timeout_s(180_000) > job_timeout_s(20_000) > job_timeout_s(0) > 0


def test_redis_away_is_an_error_with_a_name(redis: ScratchRedis) -> None:
    queue = _queue(redis)
    queue.enqueue_transcription("m1")
    redis.stop()
    with pytest.raises(QueueUnavailable):
        queue.enqueue_transcription("m2")
    redis.start()
    queue.enqueue_transcription("m2")
    assert queue.waiting() == 2, "what was queued before is still there"


def test_a_redis_that_never_answers_is_an_error_with_a_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        queue = JobQueue(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        with pytest.raises(QueueUnavailable):
            queue.enqueue_transcription("m1")
