"""The way into the job queue. A queue message is only a nudge: the database knows what is still to be done.

Whoever finds a message without a transcript may enqueue it, as often as it likes: while a try is under way
nothing is added. Each try is a job of its own, `transcribe-<message>-<n>`, so a finished, failed or abandoned
one never stands in the way of the next, and no two processes can both add number n (RQ's `unique`).

RQ itself would notice the job of a killed worker only after its heartbeat has run out and maintenance has come
round, a minute or more. Here a try counts as abandoned when its worker has been silent for ABANDONED_AFTER,
three times the interval at which workers report. Should it be alive after all, the job runs twice, which is
harmless: every job is idempotent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as ConnectionRetry
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from kit.clock import Clock, SystemClock
from kit.errors import Unavailable

log = structlog.get_logger(__name__)

SPEECH_QUEUE = "speech"
HEARTBEAT_S = 5
"""How often a worker reports that it is still at its job."""
ABANDONED_AFTER = timedelta(seconds=3 * HEARTBEAT_S)
REST_AFTER_FAILURE = timedelta(seconds=20)
"""Pause after a job that failed in all its tries, before the next may start."""

_TRANSCRIBE = "app.jobs.transcribe_message"
_TRIES_KEPT = 1000
_FAILED_JOB_KEPT_S = 3600
_LONGEST_MESSAGE_MS = 180_000
_WAITING = (JobStatus.CREATED, JobStatus.DEFERRED, JobStatus.SCHEDULED, JobStatus.RATE_LIMITED)


class QueueUnavailable(Unavailable):
    """Redis is away. The scheduler enqueues what could not be enqueued now."""

    code = "queue.unavailable"


class TranscriptionQueue(Protocol):
    def enqueue_transcription(self, message_id: str, audio_ms: int) -> None:
        """See to it that a try to transcribe this message is under way; raises QueueUnavailable."""
        ...


class JobQueue:
    """Connects when first used, and answers or fails within about two seconds."""

    def __init__(self, redis_url: str, *, clock: Clock | None = None, transcribe: str = _TRANSCRIBE) -> None:
        self._clock = clock or SystemClock()
        self._transcribe = transcribe
        self._redis: Redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=0.5,
            socket_timeout=1.0,
            retry=ConnectionRetry(NoBackoff(), 1),  # once: a pooled connection may be stale after a restart of Redis
        )
        self._queue = Queue(SPEECH_QUEUE, connection=self._redis, serializer=JSONSerializer)

    def enqueue_transcription(self, message_id: str, audio_ms: int = _LONGEST_MESSAGE_MS) -> None:
        """See to it that a try to transcribe this message is under way; raises QueueUnavailable."""
        with _named_errors():
            for number in range(1, _TRIES_KEPT):
                job_id = f"transcribe-{message_id}-{number}"
                earlier = self._find(job_id)
                if earlier is None:
                    self._enqueue(job_id, message_id, audio_ms)
                    return
                if self._is_under_way(earlier):
                    return

    def waiting(self) -> int:
        """Jobs that no worker has taken yet; raises QueueUnavailable."""
        with _named_errors():
            return int(self._queue.count)

    def _enqueue(self, job_id: str, message_id: str, audio_ms: int) -> None:
        try:
            self._queue.enqueue_call(
                self._transcribe,
                args=(message_id,),
                job_id=job_id,
                unique=True,
                timeout=job_timeout_s(audio_ms),
                retry=Retry(max=2),  # at once, as after a killed work-horse; later tries are the scheduler's
                result_ttl=0,
                failure_ttl=_FAILED_JOB_KEPT_S,
            )
        except DuplicateJobError:
            return  # somebody else has just done it
        log.info("app.queue.transcription_enqueued", job_id=job_id)

    def _find(self, job_id: str) -> Job | None:
        try:
            return Job.fetch(job_id, connection=self._redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return None

    def _is_under_way(self, job: Job) -> bool:
        status = job.get_status(refresh=False)
        if status in _WAITING:
            return True
        if status == JobStatus.QUEUED:
            in_line = self._queue.get_job_position(job.id) is not None
            return in_line or self._is_recent(job.enqueued_at, ABANDONED_AFTER)  # else: taken, but never started
        if status == JobStatus.STARTED:
            return self._is_recent(job.last_heartbeat, ABANDONED_AFTER)
        if status == JobStatus.FAILED:
            return self._is_recent(job.ended_at, REST_AFTER_FAILURE)
        return False

    def _is_recent(self, at: datetime | None, within: timedelta) -> bool:
        return at is not None and self._clock.now() - at < within


def job_timeout_s(audio_ms: int) -> int:
    """Three times the length of the audio (large models on small machines), and half a minute for the rest."""
    return 30 + 3 * round(audio_ms / 1000)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable(f"the job queue does not answer: {type(error).__name__}") from error
