"""The two processes that `recognition.py` compares; apart from it, so that neither holds more than it needs."""

import json
import resource
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import vosk

import app.schema  # noqa: F401 - a transcript refers to a recording: all tables must be known
from app.worker import WorkRules, work
from asr.adapters.audio_files import AudioFiles
from asr.adapters.rule_files import RuleFiles
from asr.adapters.vosk import VoskRecogniser
from asr.domain.breaker import BreakerPolicy
from asr.ports import Recogniser
from asr.service import AsrService
from config.logging_setup import configure_logging
from config.settings import ROOT
from kit.clock import SystemClock
from kit.db import Database
from kit.storage import LocalFileStore

MODEL = ROOT / "asr" / "models" / "mini-cn"
NOTES = "notes"
"""File in the bench's folder, a line per finished job: recording, when its transcript was stored (seconds since the
epoch), peak resident size in KiB of the fork that did it."""
NOTE_LINE = 64
"""Bytes in such a line, so that the file's size tells how many jobs are done (asking the database would disturb)."""
_RULES = WorkRules(timedelta(minutes=10), BreakerPolicy(failures=5, rest=timedelta(seconds=30)))


def bench_database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'bench.sqlite3'}")


# ---- the worker's side


@dataclass(frozen=True)
class _Preloaded:
    folder: Path
    service: AsrService


_preloaded: list[_Preloaded] = []
"""Filled once, before the worker's first fork."""


def work_for_bench(folder: str, redis_url: str) -> None:
    configure_logging(level="WARNING", as_json=False, process="bench-worker")
    work(redis_url, lambda: _preload(Path(folder)), _RULES)


def _preload(folder: Path) -> None:
    recogniser = VoskRecogniser(MODEL)
    _preloaded.append(_Preloaded(folder, books(bench_database(folder), folder, lambda: recogniser)))


def books(database: Database, folder: Path, recogniser: Callable[[], Recogniser] | None = None) -> AsrService:
    """The service; without a recogniser for reading only."""
    rules = RuleFiles(ROOT / "config" / "speech")
    return AsrService(
        database,
        SystemClock(),
        LocalFileStore(folder),
        recogniser or (lambda: VoskRecogniser(MODEL)),
        AudioFiles(),
        rules,
    )


def transcribe_message(recording_id: str) -> None:
    """The job: the same service call as in the hotline; then its note."""
    (here,) = _preloaded
    here.service.transcribe(recording_id, f"{recording_id}.wav")
    note = f"{recording_id} {time.time():.4f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}"
    with (here.folder / NOTES).open("a") as stream:
        stream.write(f"{note:<{NOTE_LINE - 1}}\n")


# ---- the bare loop's side


def bare_loop(paths: Sequence[str], seconds: Connection, together: Barrier) -> None:
    """What anybody would write with Vosk: one model, one recogniser per file."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(MODEL))
    together.wait()
    started = time.perf_counter()
    for path in paths:
        with wave.open(path, "rb") as stream:
            recogniser = vosk.KaldiRecognizer(model, float(stream.getframerate()))
            recogniser.SetWords(True)
            while block := stream.readframes(2000):
                if recogniser.AcceptWaveform(block):
                    json.loads(recogniser.Result())
            json.loads(recogniser.FinalResult())
    seconds.send(time.perf_counter() - started)
