"""Worker processes on a stage of their own: started, watched, held, killed."""

import hashlib
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

from app.bench.scratch_redis import ScratchRedis
from app.demo.voice import character_error_rate, synthesise
from app.queue import JobQueue
from app.worker import WorkRules
from asr.models import Transcript
from kit.clock import FixedClock
from kit.db import Database
from tests.integration.asr.recordings import add_recording
from tests.integration.queue.worker_side import RULES, WorkerPlan, serve
from tests.support.waiting import eventually

SAID = "您好，我想反映一下人民路路灯不亮的问题，希望尽快解决，谢谢。"
DEADLINE_S = 60.0
_spawn = multiprocessing.get_context("spawn")


class Stage:
    """Workers on one queue, one database and one folder of recordings, and what they report."""

    def __init__(self, redis: ScratchRedis, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self.clock = FixedClock(datetime.now(UTC))
        self.queue = JobQueue(redis.url, clock=self.clock, jobs="tests.integration.queue.worker_side")
        self._reports, reports = _spawn.Pipe(duplex=False)
        gate, self._gate = _spawn.Pipe(duplex=False)
        self._plan = WorkerPlan(redis.url, database.url, folder, reports, gate)
        self._workers: list[BaseProcess] = []

    def start_worker(self, *, is_gated: bool = False, rules: WorkRules = RULES) -> BaseProcess:
        worker = _spawn.Process(target=serve, args=(replace(self._plan, is_gated=is_gated, rules=rules),))
        worker.start()
        self._workers.append(worker)
        return worker

    def leave_message(self, recording_id: str, said: str = SAID, audio_ms: int = 8000) -> None:
        """Its recording is in the books and on disk, and it is enqueued."""
        add_recording(self._database, self.clock, recording_id, f"{recording_id}.wav")
        spoken = self._folder / f"{hashlib.sha256(said.encode()).hexdigest()}.wav"
        if not spoken.exists():
            synthesise(said, spoken, voice="m3")
        (self._folder / f"{recording_id}.wav").hardlink_to(spoken)
        self.queue.enqueue_transcription(recording_id, audio_ms)

    def report(self) -> tuple[str, str | int]:
        """The next thing that a worker or its fork has said."""
        assert self._reports.poll(DEADLINE_S), "no word from the workers"
        said: tuple[str, str | int] = self._reports.recv()
        return said

    def poison(self, recording_id: str) -> None:
        """From now on it kills whoever recognises it."""
        (self._folder / f"{recording_id}.deadly").touch()

    def cure(self, recording_id: str) -> None:
        (self._folder / f"{recording_id}.deadly").unlink()

    def horse_at_work(self) -> int:
        said, pid = self.report()
        assert said == "at_work"
        assert isinstance(pid, int)
        return pid

    def next_horse_at_work(self) -> int:
        """Past everything else that was said."""
        while (said := self.report())[0] != "at_work":
            pass
        assert isinstance(said[1], int)
        return said[1]

    def next_fact(self) -> str:
        """The recording it is about; past all beginnings."""
        while (said := self.report())[0] == "at_work":
            pass
        return str(said[1])

    def transcribed(self) -> list[str]:
        """The recordings of all transcripts."""
        with self._database.reading() as session:
            return list(session.scalars(select(Transcript.recording_id)))

    def eventually_transcribed(self, recording_ids: set[str]) -> None:
        eventually(lambda: recording_ids <= set(self.transcribed()), DEADLINE_S)

    def open_gate(self) -> None:
        self._gate.send("go on")

    def texts(self) -> list[str]:
        with self._database.reading() as session:
            return list(session.scalars(select(Transcript.text)))

    def assert_transcribed_once(self) -> None:
        (text,) = self.texts()
        assert character_error_rate(SAID, text) < 0.25

    def end(self) -> None:
        self._gate.close()  # whoever waits there fails and ends
        for worker in self._workers:
            worker.kill()
            worker.join(DEADLINE_S)

    def kill(self, worker: BaseProcess) -> None:
        """Gone when this returns. (`join` alone would wait for its fork too: that holds the pipe `join` watches.)"""
        worker.kill()
        while worker.is_alive():
            worker.join(0.05)
