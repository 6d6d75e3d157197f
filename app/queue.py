"""The way into the job queues. A queue message is only a nudge: the database knows what is still to be done.

Whoever finds a message without a transcript may enqueue it, as often as it likes: while a try is under way
nothing is added. Each try is a job of its own, `transcribe-<message>-<n>`, so a finished, failed or abandoned
one never stands in the way of the next, and no two processes can both add number n (RQ's `unique`).

RQ itself would notice the job of a killed worker only after its heartbeat has run out and maintenance has come
round, a minute or more. Here a try counts as abandoned when its worker has been silent for ABANDONED_AFTER,
three times the interval at which workers report. Should it be alive after all, the job runs twice, which is
harmless: every job is idempotent.

A try that failed because something was away (the file, the database, the model) is repeated for ever, with longer
and longer rests. One that failed because of the recording itself counts, and after `max_tries` of those it is set
aside (TriesExhausted). A worker leaves the reason with the job (ENDED_BY).
"""

from collections.abc import Iterator, Mapping
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

from app.speech_queues import SpeechQueue, queue_for
from app.worker_breaker import resting_workers
from asr.domain.errors import RECOGNISER_KILLED, RecognitionFailed
from kit.clock import Clock, SystemClock
from kit.errors import HotlineError, Unavailable

log = structlog.get_logger(__name__)

HEARTBEAT_S = 5
"""How often a worker reports that it is still at its job."""
ABANDONED_AFTER = timedelta(seconds=3 * HEARTBEAT_S)
REST_AFTER_FAILURE = timedelta(seconds=20)
"""Pause after a job that failed in all its tries, before the next may start; doubled after each."""
ENDED_BY = "ended_by"
"""Key of a job's meta data: the code of the error that ended it."""

_JOBS = "app.jobs"
_TRIES_KEPT = 1000
_LONGEST_REST = timedelta(minutes=10)
_FAILED_JOB_KEPT_S = 3600
_LONGEST_MESSAGE_MS = 180_000
_WAITING = (JobStatus.CREATED, JobStatus.DEFERRED, JobStatus.SCHEDULED, JobStatus.RATE_LIMITED)
_ITS_OWN_FAULT = frozenset({RECOGNISER_KILLED, RecognitionFailed.code})


class QueueUnavailable(Unavailable):
    """Redis is away. The scheduler enqueues what could not be enqueued now."""

    code = "queue.unavailable"


class TriesExhausted(HotlineError):
    """The recording itself broke every try; `reason` is the code of the last one."""

    code = "queue.tries_exhausted"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class TranscriptionQueue(Protocol):
    """Enqueueing raises QueueUnavailable, or TriesExhausted when there is no use in another try."""

    def enqueue_transcription(self, message_id: str, audio_ms: int) -> None:
        """See to it that a try to transcribe this message is under way."""
        ...

    def enqueue_part(self, message_id: str, part_no: int, audio_ms: int) -> None:
        """The same for a part of a long message."""
        ...

    def resting_workers(self) -> Mapping[str, datetime]:
        """Workers that take nothing because nothing could be recognised, and since when; raises QueueUnavailable."""
        ...


class JobQueue:
    """Connects when first used, and answers or fails within about two seconds.

    `jobs`: the module that holds the functions transcribe_message and transcribe_part.
    """

    def __init__(
        self,
        redis_url: str,
        *,
        clock: Clock | None = None,
        short_up_to_s: float = 30.0,
        max_tries: int = 2,
        jobs: str = _JOBS,
    ) -> None:
        self._clock = clock or SystemClock()
        self._short_up_to_s = short_up_to_s
        self._max_tries = max_tries
        self._jobs = jobs
        self._redis: Redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=0.5,
            socket_timeout=1.0,
            retry=ConnectionRetry(NoBackoff(), 1),  # once: a pooled connection may be stale after a restart of Redis
        )
        self._queues = {name: Queue(name, connection=self._redis, serializer=JSONSerializer) for name in SpeechQueue}

    def enqueue_transcription(self, message_id: str, audio_ms: int = _LONGEST_MESSAGE_MS) -> None:
        """See to it that a try to transcribe this message is under way.

        Raises QueueUnavailable, or TriesExhausted when there is no use in another try.
        """
        queue = queue_for(audio_ms, short_up_to_s=self._short_up_to_s)
        self._see_to(f"transcribe-{message_id}", "transcribe_message", (message_id,), queue, audio_ms)

    def enqueue_part(self, message_id: str, part_no: int, audio_ms: int) -> None:
        """The same for a part of a long message."""
        name = f"transcribe-{message_id}-part{part_no}"
        self._see_to(name, "transcribe_part", (message_id, part_no), SpeechQueue.LONG, audio_ms)

    def waiting(self) -> int:
        """Jobs that no worker has taken yet; raises QueueUnavailable."""
        with _named_errors():
            return sum(int(queue.count) for queue in self._queues.values())

    def resting_workers(self) -> dict[str, datetime]:
        """Workers that take nothing because nothing could be recognised, and since when; raises QueueUnavailable."""
        with _named_errors():
            return resting_workers(self._redis)

    def _see_to(
        self, name: str, function: str, arguments: tuple[str | int, ...], queue: SpeechQueue, audio_ms: int
    ) -> None:
        own_faults = 0
        with _named_errors():
            for number in range(1, _TRIES_KEPT):
                job_id = f"{name}-{number}"
                earlier = self._find(job_id)
                if earlier is None:
                    self._enqueue(job_id, f"{self._jobs}.{function}", arguments, queue, audio_ms)
                    return
                reason = earlier.meta.get(ENDED_BY, "") if earlier.get_status(refresh=False) is JobStatus.FAILED else ""
                own_faults += reason in _ITS_OWN_FAULT
                if own_faults >= self._max_tries:
                    raise TriesExhausted(reason)
                if self._is_under_way(earlier, rest=min(REST_AFTER_FAILURE * 2 ** (number - 1), _LONGEST_REST)):
                    return

    def _enqueue(
        self, job_id: str, function: str, arguments: tuple[str | int, ...], queue: SpeechQueue, audio_ms: int
    ) -> None:
        try:
            self._queues[queue].enqueue_call(
                function,
                args=arguments,
                job_id=job_id,
                unique=True,
                timeout=job_timeout_s(audio_ms),
                retry=Retry(max=2),  # at once, as after a killed work-horse; later tries are the scheduler's
                result_ttl=0,
                failure_ttl=_FAILED_JOB_KEPT_S,
            )
        except DuplicateJobError:
            return  # somebody else has just done it
        log.info("app.queue.transcription_enqueued", job_id=job_id, queue=queue)

    def _find(self, job_id: str) -> Job | None:
        try:
            return Job.fetch(job_id, connection=self._redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return None

    def _is_under_way(self, job: Job, rest: timedelta) -> bool:
        status = job.get_status(refresh=False)
        if status in _WAITING:
            return True
        if status == JobStatus.QUEUED:
            line = Queue(job.origin, connection=self._redis, serializer=JSONSerializer)
            in_line = line.get_job_position(job.id) is not None
            return in_line or self._is_recent(job.enqueued_at, ABANDONED_AFTER)  # else: taken, but never started
        if status == JobStatus.STARTED:
            return self._is_recent(job.last_heartbeat, ABANDONED_AFTER)
        if status == JobStatus.FAILED:
            return self._is_recent(job.ended_at, rest)
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
