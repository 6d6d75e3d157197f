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
from app.queue import ABANDONED_AFTER, REST_AFTER_FAILURE, SPEECH_QUEUE, JobQueue, QueueUnavailable, job_timeout_s
from kit.clock import FixedClock

_done: list[str] = []


def note(message_id: str) -> None:
    _done.append(message_id)


def fail(_message_id: str) -> None:
    raise RuntimeError("broken")


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


def _queue(redis: ScratchRedis, job: str = "note", clock: FixedClock | None = None) -> JobQueue:
    return JobQueue(redis.url, clock=clock, transcribe=f"{__name__}.{job}")


def _run_all(connection: Redis) -> None:
    queue = Queue(SPEECH_QUEUE, connection=connection, serializer=JSONSerializer)
    SimpleWorker([queue], connection=connection, serializer=JSONSerializer).work(burst=True, logging_level="CRITICAL")


def _job(connection: Redis, number: int) -> Job:
    return Job.fetch(f"transcribe-m1-{number}", connection=connection, serializer=JSONSerializer)


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
    queue = _queue(redis, clock=now)
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
    queue = _queue(redis, "fail", now)
    queue.enqueue_transcription("m1")
    _run_all(connection)
    assert _job(connection, 1).get_status() is JobStatus.FAILED

    queue.enqueue_transcription("m1")
    assert queue.waiting() == 0, "it rests"
    now.advance(REST_AFTER_FAILURE + timedelta(seconds=10))
    queue.enqueue_transcription("m1")
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 1


def test_a_started_job_is_left_alone_until_its_worker_has_been_silent_for_long(
    redis: ScratchRedis, connection: Redis, now: FixedClock
) -> None:
    queue = _queue(redis, clock=now)
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
    queue = _queue(redis, clock=now)
    queue.enqueue_transcription("m1")
    _take(connection)
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 0
    now.advance(ABANDONED_AFTER + timedelta(seconds=1))
    queue.enqueue_transcription("m1")
    assert queue.waiting() == 1


def _take(connection: Redis) -> Job:
    """What a worker does first: the job leaves the line."""
    queue = Queue(SPEECH_QUEUE, connection=connection, serializer=JSONSerializer)
    taken = Queue.dequeue_any([queue], None, connection=connection, serializer=JSONSerializer)
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
