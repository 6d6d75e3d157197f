"""What runs inside the worker processes of these tests: the real service and recogniser, watched and held at will."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import app.schema  # noqa: F401 - a transcript refers to a recording: all tables must be known
from app.worker import WorkRules, work
from asr.adapters.audio_files import AudioFiles
from asr.adapters.vosk import VoskRecogniser
from asr.domain.breaker import BreakerPolicy
from asr.domain.transcript import Recognised
from asr.service import AsrService
from config.settings import ROOT
from kit.clock import SystemClock
from kit.db import Database
from kit.events import Event
from kit.storage import LocalFileStore
from tests.support.no_rules import NoRules

RULES = WorkRules(timedelta(minutes=10), BreakerPolicy(failures=5, rest=timedelta(seconds=1)))


@dataclass(frozen=True)
class WorkerPlan:
    """What a test wants of a worker process."""

    redis_url: str
    database_url: str
    files: Path
    reports: Connection
    """The process and its forks say here what they do: ("at_work", pid), ("stored", recording id)."""
    gate: Connection
    """With `is_gated`, a fork that is at work goes on when something arrives here."""
    is_gated: bool = False
    rules: WorkRules = RULES


class WatchedRecogniser:
    """The real recogniser; says when it begins, and waits at the gate."""

    def __init__(self, plan: WorkerPlan) -> None:
        self._plan = plan
        self._real = VoskRecogniser(ROOT / "asr" / "models" / "mini-cn")

    @property
    def sample_rate(self) -> int:
        return self._real.sample_rate

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        self._plan.reports.send(("at_work", os.getpid()))
        if self._plan.is_gated:
            self._plan.gate.recv()
        return self._real.recognise(pcm, sample_rate)


_services: list[tuple[Path, AsrService]] = []


def serve(plan: WorkerPlan) -> None:
    """The worker process's life."""
    work(plan.redis_url, lambda: _preload(plan), plan.rules)


def transcribe_message(recording_id: str) -> None:
    """The job: here message and recording have one id."""
    ((folder, service),) = _services
    if (folder / f"{recording_id}.deadly").exists():
        os.kill(os.getpid(), signal.SIGKILL)  # as native code does that crashes
    service.transcribe(recording_id, f"{recording_id}.wav")


def _preload(plan: WorkerPlan) -> None:
    recogniser = WatchedRecogniser(plan)
    database = Database(plan.database_url)
    database.bus.subscribe(_telling(plan.reports))
    files = LocalFileStore(plan.files)
    service = AsrService(database, SystemClock(), files, lambda: recogniser, AudioFiles(), NoRules())
    _services.append((plan.files, service))


def _telling(reports: Connection) -> Callable[[Event], None]:
    def tell(fact: Event) -> None:
        reports.send((type(fact).__name__, getattr(fact, "recording_id", "")))

    return tell
