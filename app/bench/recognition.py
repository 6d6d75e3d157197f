"""How much of a bare Vosk loop's speed is left in the worker, and whether the worker's memory stays flat."""

import multiprocessing
import resource
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.bench.figures import percentile
from app.bench.recognition_sides import NOTE_LINE, NOTES, bare_loop, bench_database, books, work_for_bench
from app.bench.scratch_redis import scratch_redis
from app.demo.voice import synthesise
from app.queue import JobQueue
from app.schema import METADATA
from ivr.domain.call import CallDirection, CallStatus
from ivr.models import Call, Recording

_COMPLAINT = "您好，我想反映一下人民路路灯不亮的问题，已经三天了，希望尽快解决，谢谢。"
_LENGTHS = {"short": 1, "long": 3}
"""How often the complaint is said in one message: about 8 s, and about 25 s."""
_VOICES = ("m3", "f4", "Annie", "Denis")
_DEADLINE_S = 600.0
_spawn = multiprocessing.get_context("spawn")  # neither side may inherit anything from the measuring process


def measure_recognition(
    *,
    messages_per_round: int = 8,
    rounds: int = 5,
    delay_messages: int = 30,
    memory_messages: int = 1000,
    memory_from: int = 50,
) -> dict[str, float]:
    """Throughput against a bare loop with one worker and with two, delay of single messages, and memory in MB.

    The workers are real ones with a real Redis. Memory is compared after `memory_from` messages and after all.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures: dict[str, float] = {}
        with scratch_redis(folder) as redis:
            bench = _Bench(folder, redis.url)
            worker = _spawn.Process(target=work_for_bench, args=(name, redis.url))
            second = _spawn.Process(target=work_for_bench, args=(name, redis.url))
            worker.start()
            try:
                figures |= bench.throughput("long", messages_per_round, rounds)
                figures |= bench.throughput("short", messages_per_round, rounds)
                figures |= bench.delay(delay_messages)
                figures |= bench.memory(memory_messages, memory_from, worker.pid or 0)
                figures |= bench.two_workers(2 * messages_per_round, rounds, second.start)
            finally:
                for each in (worker, second):
                    if each.pid:
                        each.terminate()
                        each.join(timeout=30)
                bench.close()
        return figures


class _Bench:
    """The measuring side: files, rows for them, and the clock."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self._folder = folder
        self._db = bench_database(folder)
        METADATA.create_all(self._db.engine)
        self._books = books(self._db, folder)
        self._queue = JobQueue(redis_url, jobs="app.bench.recognition_sides")
        self._count = 0
        self._notes = folder / NOTES
        self._notes.touch()
        self._files = {
            length: [self._speak(length, voice, times) for voice in _VOICES] for length, times in _LENGTHS.items()
        }

    def close(self) -> None:
        self._db.dispose()

    def throughput(self, length: str, messages: int, rounds: int) -> dict[str, float]:
        """Bare loop and worker by turns on the same files; the best round of each, as noise can only slow them down."""
        paths = [self._files[length][index % len(_VOICES)] for index in range(messages)]
        audio_s = sum(_seconds(path) for path in paths)
        self._through_worker(paths[:1])  # the first job of a fork is slower
        bare, worker = [], []
        for _ in range(rounds):
            bare.append(_bare_loop_seconds(paths))
            worker.append(self._through_worker(paths))
        return {
            f"{length}_message_s": round(audio_s / messages, 1),
            f"{length}_bare_realtime_factor": round(min(bare) / audio_s, 4),
            f"{length}_worker_realtime_factor": round(min(worker) / audio_s, 4),
            f"{length}_throughput_ratio": round(min(bare) / min(worker), 3),
            f"{length}_overhead_ms_per_message": round(1000 * (min(worker) - min(bare)) / messages, 1),
        }

    def two_workers(self, messages: int, rounds: int, start_second: Callable[[], None]) -> dict[str, float]:
        """One worker, then two, against one bare loop and two: what the machine can gain by a second core at all."""
        paths = [self._files["short"][index % len(_VOICES)] for index in range(messages)]
        halves = [paths[::2], paths[1::2]]
        one = min(self._through_worker(paths) for _ in range(rounds))
        bare_one = min(_bare_loop_seconds(paths) for _ in range(rounds))
        start_second()
        self._through_worker(paths)  # until both are there, and have their forks
        self._through_worker(paths)
        two, bare_two = [], []
        for _ in range(rounds):
            bare_two.append(_bare_loop_seconds(*halves))
            two.append(self._through_worker(paths))
        return {
            "two_workers_speedup": round(one / min(two), 3),
            "two_bare_loops_speedup": round(bare_one / min(bare_two), 3),
            "two_workers_throughput_ratio": round(min(bare_two) / min(two), 3),
        }

    def delay(self, messages: int) -> dict[str, float]:
        """From the enqueueing of a file to its stored transcript, less what recognition itself took, in ms.

        One message at a time: nobody waits for another.
        """
        beyond = []
        for index in range(messages):
            path = self._files["short"][index % len(_VOICES)]
            enqueued_at = time.time()
            self._through_worker([path])
            recording_id, stored_at, _ = self._notes.read_text().splitlines()[-1].split()
            beyond.append(1000 * (float(stored_at) - enqueued_at) - self._took_ms(recording_id))
        return {"delay_p50_ms": round(percentile(beyond, 0.5), 1), "delay_p95_ms": round(percentile(beyond, 0.95), 1)}

    def memory(self, messages: int, after: int, worker_pid: int) -> dict[str, float]:
        """Resident memory of the worker, and the peak of the forks it makes, after some messages and after all."""
        paths = [self._files["short"][index % len(_VOICES)] for index in range(messages)]
        self._through_worker(paths[:after])
        first = _resident_mb(worker_pid)
        self._through_worker(paths[after:])
        peaks = [int(line.split()[2]) / 1024 for line in self._notes.read_text().splitlines()][-messages:]
        return {
            "memory_messages": messages,
            "memory_from": after,
            "worker_rss_mb_first": first,
            "worker_rss_mb_last": _resident_mb(worker_pid),
            "fork_peak_mb_first": round(max(peaks[:after]), 1),
            "fork_peak_mb_last": round(max(peaks[-after:]), 1),
        }

    def _took_ms(self, recording_id: str) -> int:
        found = self._books.transcript(recording_id)
        assert found is not None
        return found.took_ms

    def _through_worker(self, paths: Sequence[Path]) -> float:
        """Seconds from the first enqueueing to the last stored transcript."""
        ids = [self._new_recording(path) for path in paths]
        aim = self._done() + len(ids)
        started = time.perf_counter()
        for recording_id in ids:
            self._queue.enqueue_transcription(recording_id)
        while self._done() < aim:
            if time.perf_counter() - started > _DEADLINE_S:
                raise TimeoutError("the worker did not transcribe everything in time")
            time.sleep(0.005)
        return time.perf_counter() - started

    def _done(self) -> int:
        return self._notes.stat().st_size // NOTE_LINE

    def _speak(self, length: str, voice: str, times: int) -> Path:
        path = self._folder / f"{length}-{voice}.wav"
        synthesise(_COMPLAINT * times, path, voice, rate_wpm=200)
        return path

    def _new_recording(self, path: Path) -> str:
        """A recording that has its own name for the shared file."""
        self._count += 1
        recording_id, now = f"{self._count:032}", datetime.now(UTC)
        (self._folder / f"{recording_id}.wav").hardlink_to(path)
        with self._db.transaction() as tx:
            tx.session.add(
                Call(
                    id=recording_id, direction=CallDirection.INBOUND, line="12345", caller="13900000001",
                    status=CallStatus.ENDED, started_at=now, telephony_id="bench",
                )
            )  # fmt: skip
            tx.session.flush()
            tx.session.add(
                Recording(
                    id=recording_id, call_id=recording_id, file_key=f"{recording_id}.wav", started_at=now,
                    size_bytes=path.stat().st_size, sha256="", sample_rate=8000, duration_ms=0,
                )
            )  # fmt: skip
        return recording_id


def _bare_loop_seconds(*shares: Sequence[Path]) -> float:
    """One loop per share, each in a process of its own, side by side; the slowest one's time.

    Loading the model does not count, as it does not for the worker: they start together when all are ready.
    """
    together = _spawn.Barrier(len(shares))
    loops = []
    for share in shares:
        ours, theirs = _spawn.Pipe(duplex=False)
        process = _spawn.Process(target=bare_loop, args=([str(path) for path in share], theirs, together))
        process.start()
        loops.append((process, ours))
    seconds = []
    for process, ours in loops:
        process.join(timeout=_DEADLINE_S)
        if not ours.poll():  # or `recv` would wait for ever for a process that died
            raise RuntimeError(f"the bare loop ended with {process.exitcode} and told no time")
        seconds.append(float(ours.recv()))
    return max(seconds)


def _seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as stream:
        return stream.getnframes() / stream.getframerate()


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)
