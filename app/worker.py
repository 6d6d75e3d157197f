"""The worker process: takes transcription jobs from Redis and has them done by a fork of itself.

The model is loaded once, before the first fork, so every fork has it for nothing (copy on write). Whatever
recognition leaks or breaks ends with the fork; the worker itself only waits and watches, so its memory stays flat.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from resource import struct_rusage
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from app.model_follower import ModelFollower
from app.model_reports import ModelReporter
from app.queue import ENDED_BY, HEARTBEAT_S
from app.speech_queues import SpeechQueue, turns
from app.work_horse import RecyclingWorker
from app.worker_breaker import WorkerBreaker
from asr.domain.breaker import BreakerPolicy
from asr.domain.errors import RECOGNISER_KILLED, RecognitionFailed
from config.policy import load_policy
from config.settings import Settings
from kit.errors import HotlineError

log = structlog.get_logger(__name__)

_NICENESS = 10
_LOOK_AT_BREAKER_EVERY_S = 0.5
_MAINTENANCE_S = 30
_WORKER_TTL_S = 30
_REDIS_PAUSE_S = 1.0
_LOOK_EVERY_S = 5
"""How long a worker waits for a job before it looks whether another speech model is in use."""
_LOADING_WITHIN_S = 600
"""How long Redis counts a worker as living that loads another speech model."""


@dataclass(frozen=True)
class WorkRules:
    """What the policy says about the worker's work."""

    promote_after: timedelta
    breaker: BreakerPolicy


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT (the job in hand is finished first). Raises ModelMissing before any job is taken.

    With low priority: whatever recognises live calls on the same machine goes first.
    """
    from app.bootstrap import model_follower, preload_worker, work_rules

    os.nice(_NICENESS)
    rules = work_rules(load_policy(settings.policy_file))
    work(settings.effective_redis_url, preload_worker, rules, model=model_follower(settings))


def work(
    redis_url: str, preload: Callable[[], object], rules: WorkRules, *, model: ModelFollower | None = None
) -> None:
    """The loop of `run_worker`. `preload` brings everything into memory that the forks will need.

    It must leave no thread running and no database connection open: a fork inherits both broken.
    With `model`, a switch of the speech model is followed between two jobs.
    Redis may be away at the start or at any time: the worker waits for it and goes on.
    """
    stopping = _Stop()
    preload()
    _quieten_rq()
    log.info("app.worker.started", queues=list(SpeechQueue), niceness=os.nice(0))
    breaker = WorkerBreaker(rules.breaker)
    redis_is_away = False
    while not stopping.is_set():
        try:
            connection = _connect(redis_url)
            connection.ping()
            if redis_is_away:
                log.info("app.worker.redis_returned")
                redis_is_away = False
            _SpeechWorker(stopping, connection, rules, breaker, model).work(logging_level="WARNING")
        except RedisError as error:
            if not redis_is_away:
                log.warning("app.worker.redis_away", reason=type(error).__name__)
            redis_is_away = True
        stopping.wait(_REDIS_PAUSE_S)
    log.info("app.worker.stopped")


class _Stop:
    """Set by SIGTERM and SIGINT, while RQ's own handlers are not in place."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, timeout_s: float) -> None:
        self._event.wait(timeout_s)


class _SpeechWorker(RecyclingWorker):
    """Takes the lines in turn, and rests while nothing can be recognised."""

    max_connection_wait_time = 2.0

    def __init__(
        self,
        stopping: _Stop,
        connection: Redis,
        rules: WorkRules,
        breaker: WorkerBreaker,
        model: ModelFollower | None,
    ) -> None:
        self._stopping = stopping
        self._promote_after = rules.promote_after
        self._was_promoted = False
        self._breaker = breaker
        self._model = model
        self._reporter = ModelReporter(connection, "worker")
        super().__init__(
            [Queue(name, connection=connection, serializer=JSONSerializer) for name in SpeechQueue],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=_WORKER_TTL_S,
            job_monitoring_interval=HEARTBEAT_S,
            maintenance_interval=_MAINTENANCE_S,
            log_job_description=False,
        )

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        while self._breaker.rests():
            self._follow_model()
            self.heartbeat()
            self._stopping.wait(_LOOK_AT_BREAKER_EVERY_S)
            if self._stopping.is_set():
                raise StopRequested
        order = turns(self._oldest(), datetime.now(UTC), self._promote_after, was_promoted=self._was_promoted)
        self._was_promoted = order[0] is not SpeechQueue.SHORT
        lines = {queue.name: queue for queue in self.queues}
        self._ordered_queues = [lines[name] for name in order]
        return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)

    def execute_job(self, job: Job, queue: Queue) -> None:
        super().execute_job(job, queue)
        self._breaker.note(self.connection, self.name, str(job.args[0]), self.ending)

    def is_engine_failure(self, error: BaseException | None) -> bool:
        return isinstance(error, RecognitionFailed | JobTimeoutException)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """In the horse. Says in the job why it ended; one that took too long is not repeated at once."""
        error = exc_info[1]
        if isinstance(error, JobTimeoutException):
            _end(job, RECOGNISER_KILLED, may_retry=False)
        else:
            _end(job, error.code if isinstance(error, HotlineError) else type(error).__name__)
        super().handle_exception(job, *exc_info)

    def handle_work_horse_killed(
        self, job: Job, retpid: int | None, ret_val: int | None, rusage: struct_rusage | None
    ) -> None:
        """In the parent."""
        log.warning("app.worker.recogniser_died", job_id=job.id, has_overrun=self.has_overrun)
        _end(job, RECOGNISER_KILLED, may_retry=not self.has_overrun)

    def _oldest(self) -> dict[SpeechQueue, datetime]:
        """Since when the first job of each line waits; the first line is not asked, it has its turn anyway."""
        later = list(SpeechQueue)[1:]
        with self.connection.pipeline(transaction=False) as pipeline:
            for name in later:
                pipeline.lindex(Queue.redis_queue_namespace_prefix + name, 0)
            heads = pipeline.execute()
        waiting = [(name, head.decode()) for name, head in zip(later, heads, strict=True) if head]
        jobs = Job.fetch_many([job_id for _, job_id in waiting], self.connection, self.serializer) if waiting else []
        return {
            name: job.enqueued_at
            for (name, _), job in zip(waiting, jobs, strict=True)
            if job is not None and job.enqueued_at is not None
        }

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._stop_requested = self._stopping.is_set()  # it came while RQ was registering

    # ---- the speech model: followed here, where no job is in hand, and by the parent, from which the forks are made

    @property
    def dequeue_timeout(self) -> int:
        return _LOOK_EVERY_S

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Asked every _LOOK_EVERY_S while the worker is idle."""
        is_due: bool = super().should_run_maintenance_tasks
        return is_due or (self._model is not None and self._model.has_changed())

    def run_maintenance_tasks(self) -> None:
        self._follow_model()
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        self._follow_model()
        super().fork_work_horse(job, queue)

    def _follow_model(self) -> None:
        if self._model is None or not self._model.has_changed():
            return
        self.heartbeat(_LOADING_WITHIN_S)
        if self._model.follow():
            self.retire_horse()
        self._reporter.report(self._model.loaded())

    def also_report(self) -> None:
        if self._model is not None:
            self._reporter.report(self._model.loaded())

    def teardown(self) -> None:
        super().teardown()
        with suppress(RedisError):
            self._reporter.say_goodbye()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def _end(job: Job, code: str, *, may_retry: bool = True) -> None:
    job.meta[ENDED_BY] = code
    job.save_meta()  # type: ignore[no-untyped-call]
    if not may_retry:
        job.retries_left = 0


def _connect(redis_url: str) -> Redis:
    """Rides out a restart of Redis in the middle of a job: about five seconds of trying again.

    The time limit is above RQ's own for waiting for a job, or every quiet quarter of a minute would look like a fault.
    """
    connection: Redis = Redis.from_url(
        redis_url,
        socket_connect_timeout=2.0,
        socket_timeout=_WORKER_TTL_S,
        socket_keepalive=True,
        retry=Retry(ExponentialBackoff(1.0, 0.1), 7, supported_errors=(RedisConnectionError,)),
    )
    return connection


def _quieten_rq() -> None:
    logging.getLogger("rq.worker").addFilter(_without_redis_tracebacks)


def _without_redis_tracebacks(record: logging.LogRecord) -> bool:
    """Redis being away is one line, not a page for each attempt."""
    kind: Any = record.exc_info[0] if record.exc_info else None
    if kind is not None and issubclass(kind, RedisConnectionError):
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True
