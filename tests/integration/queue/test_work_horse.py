"""The fork that serves many jobs: when it is replaced, and what happens when a job goes wrong in it."""

import ctypes
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, Retry
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from app.bench.scratch_redis import ScratchRedis
from app.work_horse import RecyclingWorker

_kept: list[bytes] = []


def note_pid(path: str) -> None:
    """Which process did it: one line per job."""
    with Path(path).open("a", encoding="ascii") as stream:
        stream.write(f"{os.getpid()}\n")


def grow(path: str) -> None:
    note_pid(path)
    _kept.append(b"\x01" * (64 << 20))


def fail(path: str) -> None:
    note_pid(path)
    raise RuntimeError("broken")


def die_once(path: str) -> None:
    note_pid(path)
    if len(_pids(Path(path))) == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def hang(path: str) -> None:
    note_pid(path)
    signal.pause()


def hang_in_native_code(path: str) -> None:
    """A lock that waits for itself, with Python's own lock held: no signal handler of Python's can run."""
    note_pid(path)
    library, lock = ctypes.PyDLL(None), ctypes.create_string_buffer(64)
    for _ in range(2):
        library.pthread_mutex_lock(lock)


class CountingWorker(RecyclingWorker):
    reports = 0

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        self.reports += 1
        super().maintain_heartbeats(job, execution)


class Line:
    """A queue and a worker that runs it empty in this process, forking from it."""

    def __init__(self, connection: Redis, notes: Path) -> None:
        self._connection = connection
        self.notes = notes
        self.queue = Queue("test", connection=connection, serializer=JSONSerializer)
        self.worker = CountingWorker([self.queue], connection=connection, serializer=JSONSerializer)

    def enqueue(self, job: str, *, timeout: int = 60, retry: Retry | None = None) -> Job:
        return self.queue.enqueue_call(
            f"{__name__}.{job}", args=(str(self.notes),), timeout=timeout, retry=retry, result_ttl=60
        )

    def run(self) -> list[str]:
        """Everything in the queue; returns the process ids that did the jobs, in order."""
        self.worker.work(burst=True, logging_level="CRITICAL")
        return _pids(self.notes)


def _pids(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split()


@pytest.fixture
def line(redis: ScratchRedis, tmp_path: Path) -> Iterator[Line]:
    with Redis.from_url(redis.url) as connection:
        yield Line(connection, tmp_path / "pids")


def test_one_fork_serves_several_jobs_and_then_makes_room_for_the_next(line: Line) -> None:
    line.worker.jobs_per_horse = 2
    jobs = [line.enqueue("note_pid") for _ in range(5)]
    first, second, third, fourth, fifth = line.run()
    assert first == second != third == fourth != fifth
    assert str(os.getpid()) not in (first, third, fifth)
    assert [job.get_status() for job in jobs] == [JobStatus.FINISHED] * 5


def test_a_fork_that_has_grown_is_replaced(line: Line) -> None:
    line.worker.growth_bytes = 16 << 20
    for _ in range(4):
        line.enqueue("grow")
    first, second, third, fourth = line.run()
    assert first == second != third == fourth


def test_no_fork_is_left_when_the_worker_ends(line: Line) -> None:
    line.enqueue("note_pid")
    (pid,) = line.run()
    assert not Path(f"/proc/{pid}").exists()


def test_a_fork_that_dies_is_replaced_and_its_job_is_retried_at_once(line: Line) -> None:
    job = line.enqueue("die_once", retry=Retry(max=2))
    first, second = line.run()
    assert first != second
    assert job.get_status() is JobStatus.FINISHED


def test_a_job_that_raises_fails_and_the_fork_goes_on(line: Line) -> None:
    failing, following = line.enqueue("fail"), line.enqueue("note_pid")
    first, second = line.run()
    assert first == second
    assert failing.get_status() is JobStatus.FAILED
    assert following.get_status() is JobStatus.FINISHED


def test_a_job_that_overruns_its_time_is_ended_and_the_fork_goes_on(line: Line) -> None:
    hanging, following = line.enqueue("hang", timeout=1), line.enqueue("note_pid")
    first, second = line.run()
    assert first == second
    assert hanging.get_status() is JobStatus.FAILED
    assert following.get_status() is JobStatus.FINISHED


def test_a_fork_that_hangs_in_native_code_is_killed_and_the_next_job_gets_another(line: Line) -> None:
    line.worker.job_monitoring_interval = 1
    line.worker.patience_s = 0.5
    hanging, following = line.enqueue("hang_in_native_code", timeout=1), line.enqueue("note_pid")
    first, second = line.run()
    assert first != second
    assert not Path(f"/proc/{first}").exists()
    assert hanging.get_status() is JobStatus.FAILED
    assert following.get_status() is JobStatus.FINISHED


def test_a_worker_reports_while_its_fork_is_at_a_long_job(line: Line) -> None:
    line.worker.job_monitoring_interval = 1
    line.enqueue("hang", timeout=3)
    line.run()
    assert line.worker.reports >= 2
