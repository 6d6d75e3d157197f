"""An RQ worker whose fork serves many jobs before it is replaced.

RQ forks for every job. That costs some 30 ms, which is a lot beside the recognition of a short message. Here a
fork ("work horse") is told the ids of one job after another through a pipe, and is replaced after so many jobs or
when it has grown. All else is RQ's: the parent reports heartbeats, ends a job that overruns its time, and when
the horse dies in the middle of a job it puts that job back in the queue at once.

A job that overruns its time is interrupted in the horse by a signal. Native code that hangs never lets Python see
that signal: then, `patience_s` later, the parent kills the horse.
"""

import os
import random
import select
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from resource import struct_rusage
from typing import Any

from redis.client import Pipeline
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job

from kit.memory import resident_bytes

_REPORT_EVERY_S = 1.0


class Ending(Enum):
    """How a job ended, as one byte from the horse; death gives none."""

    DONE = b"."
    RAISED = b"-"
    ENGINE_FAILED = b"!"
    DIED = b""


@dataclass
class _Horse:
    pid: int
    requests: int
    """Descriptor to write "<job id> <execution id>" lines to; closing it lets the horse go."""
    replies: int
    """Descriptor that gives one byte per finished job, and end-of-file when the horse is dead."""
    jobs: int = 0
    first_rss: int = 0


class RecyclingWorker(Worker):
    """`Worker` with a horse kept for `jobs_per_horse` jobs, or until it has grown by `growth_bytes`.

    The process that forks has one thread only: RQ's command thread is left out.
    """

    jobs_per_horse = 100
    growth_bytes = 256 << 20
    patience_s = 10.0
    ending = Ending.DONE
    """Of the last job, in the parent."""
    has_overrun = False
    """The last job did not even end when it was interrupted."""
    _horse: _Horse | None = None
    _raised: BaseException | None = None
    _reported_at = 0.0

    def is_engine_failure(self, error: BaseException | None) -> bool:
        """Whether a job that raised this says something against the engine that all jobs share."""
        return False

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        if self._horse is not None and os.waitpid(self._horse.pid, os.WNOHANG) != (0, 0):
            self._forget(self._horse)  # it died between two jobs
        if self._horse is None:
            self._horse = self._fork(queue)
        self._horse.jobs += 1
        self.has_overrun = False
        self._horse_pid = self._horse.pid
        (execution,) = self.executions.values()
        os.write(self._horse.requests, f"{job.id} {execution.id}\n".encode())

    def wait_for_horse(self) -> tuple[int | None, int | None, struct_rusage | None]:
        """Wait for the job's end, or for the horse's. RQ interrupts this by a signal to report its heartbeat."""
        horse = self._horse
        if horse is None:
            return None, None, None
        self.ending = Ending(os.read(horse.replies, 1))
        if self.ending is not Ending.DIED:
            if self._is_used_up(horse):
                self.retire_horse()
            return horse.pid, os.EX_OK, None
        pid, status, usage = os.wait4(horse.pid, 0)
        self._forget(horse)
        return pid, status or os.EX_SOFTWARE << 8, usage

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Regularly while a job is being done."""
        took_s = (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at else 0.0
        if self._horse is not None and job.timeout and took_s > job.timeout + self.patience_s:
            self.has_overrun = True
            os.kill(self._horse.pid, signal.SIGKILL)
        super().maintain_heartbeats(job, execution)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ reports three times with every job, three round trips each: once a second is enough."""
        now = time.monotonic()
        if timeout is None and pipeline is None and now - self._reported_at < _REPORT_EVERY_S:
            return
        self._reported_at = now
        super().heartbeat(timeout, pipeline)
        self.also_report()

    def also_report(self) -> None:
        """With every report that is really made; here nothing."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        self._raised = exc_info[1]
        super().handle_exception(job, *exc_info)

    def retire_horse(self) -> None:
        """Let the horse end. One that is still at a job (Redis went away under it) is given a little time."""
        horse = self._horse
        if horse is None:
            return
        os.close(horse.requests)
        horse.requests = -1
        deadline = time.monotonic() + self.patience_s
        while (left := deadline - time.monotonic()) > 0:
            readable, _, _ = select.select([horse.replies], [], [], left)
            if readable and not os.read(horse.replies, 1):
                break
        else:
            os.kill(horse.pid, signal.SIGKILL)
        os.waitpid(horse.pid, 0)
        self._forget(horse)

    def teardown(self) -> None:
        self.retire_horse()
        super().teardown()  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """No command thread."""

    def unsubscribe(self) -> None:
        """Nothing to end."""

    def _fork(self, queue: Queue) -> _Horse:
        requests_out, requests_in = os.pipe()
        replies_out, replies_in = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(requests_in)
            os.close(replies_out)
            self._serve(queue, requests_out, replies_in)
        os.close(requests_out)
        os.close(replies_in)
        return _Horse(pid, requests_in, replies_out)

    def _serve(self, queue: Queue, requests: int, replies: int) -> None:
        """The horse's whole life. It leaves by `_exit`: what it inherited is not its to clean up."""
        status = os.EX_SOFTWARE
        try:
            os.setpgrp()
            random.seed()
            self.setup_work_horse_signals()  # type: ignore[no-untyped-call]
            self._is_horse = True
            with os.fdopen(requests, encoding="ascii") as lines:
                while line := lines.readline():
                    os.write(replies, self._perform(queue, *line.split()).value)
            status = os.EX_OK
        finally:
            os._exit(status)

    def _perform(self, queue: Queue, job_id: str, execution_id: str) -> Ending:
        job = self.job_class.fetch(job_id, connection=self.connection, serializer=self.serializer)
        execution = Execution.fetch(execution_id, job_id, connection=self.connection)
        if self.perform_job(job, queue, execution):
            return Ending.DONE
        return Ending.ENGINE_FAILED if self.is_engine_failure(self._raised) else Ending.RAISED

    def _is_used_up(self, horse: _Horse) -> bool:
        rss = resident_bytes(horse.pid)
        horse.first_rss = horse.first_rss or rss
        return horse.jobs >= self.jobs_per_horse or rss - horse.first_rss > self.growth_bytes

    def _forget(self, horse: _Horse) -> None:
        for descriptor in (horse.requests, horse.replies):
            if descriptor >= 0:
                os.close(descriptor)
        self._horse = None
