"""The speech model is switched while recordings flow through a real worker: none is lost, each says who heard it."""

import itertools
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.bench.scratch_redis import ScratchRedis
from app.bootstrap import Services, build_services
from app.model_choice import ModelChoice
from app.model_install import write_receipt
from app.model_reports import ModelReport, model_reports
from app.model_shelf import ModelShelf
from app.schema import METADATA
from asr.domain.catalogue.model_errors import ModelUnloadable
from asr.domain.catalogue.speech_model import InstalledModel, ModelIdentity
from asr.models import Transcript
from config.settings import ROOT, Settings
from ivr.domain.call import CallDirection, CallStatus
from ivr.models import Call, MessageQuality, Recording, VoiceMessage
from kit.clock import SystemClock
from tests.support.model_archives import write_model
from tests.support.waiting import eventually

_WITHIN_S = 60.0


class Hotline:
    """A database, recordings and one worker process, as `hotline worker` starts it."""

    def __init__(self, redis_url: str, folder: Path) -> None:
        self.settings = Settings(data_dir=folder / "var", redis_url=redis_url)
        self.services: Services = build_services(self.settings)
        METADATA.create_all(self.services.db.engine)
        self.choice = ModelChoice(self.settings)
        self._sound = folder / "sound.wav"
        with wave.open(str(self._sound), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(b"\0\1" * 4000)
        self.worker: subprocess.Popen[bytes] | None = None

    def start_worker(self) -> None:
        environment = {**os.environ, "HOTLINE_DATA_DIR": str(self.settings.data_dir), "HOTLINE_LOG_LEVEL": "ERROR"}
        environment |= {"REDIS_URL": self.settings.redis_url, "DATABASE_URL": self.settings.effective_database_url}
        self.worker = subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=environment, cwd=ROOT)

    def put_model(self, model: str, *, is_broken: bool = False) -> None:
        """A model of this machine, as an install leaves it; a broken one as a failing disk leaves it."""
        folder = write_model(self.choice.models_dir / model)
        name, _, version = model.rpartition("-")
        (folder / "model.json").write_text(f'{{"name": "{name}", "version": "{version}"}}')
        receipt = InstalledModel(model, ModelIdentity(name, version), 8000, 1, "test", "", datetime.now(UTC), ())
        write_receipt(folder, receipt)
        if is_broken:
            (folder / "am" / "final.mdl").write_bytes(b"\0B<TransitionModel> " + b"\xff" * 1000)

    def leave_messages(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            self._file(f"{number:04d}")
            self.services.queue.enqueue_transcription(f"{number:04d}", 500)

    def heard(self) -> list[tuple[str, str]]:
        """Recordings and the name of the model that heard each, in the order of their transcripts."""
        query = select(Transcript.recording_id, Transcript.model, Transcript.model_version).order_by(
            Transcript.created_at
        )
        with self.services.db.reading() as session:
            return [(row[0], f"{row[1]} {row[2]}") for row in session.execute(query)]

    def wait_for(self, count: int) -> None:
        def are_there() -> bool:
            with self.services.db.reading() as session:
                return (session.scalar(select(func.count()).select_from(Transcript)) or 0) >= count

        eventually(are_there, _WITHIN_S)

    def reports(self) -> list[ModelReport]:
        return model_reports(self.settings.redis_url, SystemClock().now()) or []

    def end(self) -> None:
        if self.worker is not None:
            self.worker.terminate()
            assert self.worker.wait(_WITHIN_S) == 0
        assert self.reports() == [], "who ends says goodbye"
        self.services.db.dispose()

    def _file(self, key: str) -> None:
        now = self.services.clock.now()
        copy = self._sound.with_name(f"{key}.wav")
        copy.write_bytes(self._sound.read_bytes())
        stored = self.services.files.adopt(copy, f"recordings/{key}.wav")
        call = Call(
            id=key, direction=CallDirection.INBOUND, line="12345", caller="", status=CallStatus.ENDED,
            started_at=now, telephony_id="t", notice_version="1", digits=[],
        )  # fmt: skip
        recording = Recording(
            id=key, call_id=key, file_key=stored.key, size_bytes=stored.size, sha256=stored.sha256, sample_rate=8000,
            duration_ms=500, started_at=now,
        )  # fmt: skip
        message = VoiceMessage(
            id=key,
            call_id=key,
            recording_id=key,
            caller="",
            quality=MessageQuality.OK,
            duration_ms=500,
            received_at=now,
        )
        with self.services.db.transaction() as tx:
            for row in (call, recording, message):
                tx.session.add(row)
                tx.session.flush()


@pytest.fixture
def hotline(redis: ScratchRedis, tmp_path: Path) -> Iterator[Hotline]:
    built = Hotline(redis.url, tmp_path)
    yield built
    built.end()


def test_a_switch_under_way_loses_nothing_and_divides_old_from_new(hotline: Hotline) -> None:
    hotline.put_model("other-2.0")
    hotline.leave_messages(0, 30)
    hotline.start_worker()
    hotline.wait_for(3)
    ModelShelf(hotline.settings).use("other-2.0")
    hotline.leave_messages(30, 10)
    hotline.wait_for(40)
    heard = hotline.heard()
    assert sorted(recording for recording, _ in heard) == [f"{number:04d}" for number in range(40)]
    models = [model for _, model in heard]
    changes = [pair for pair in itertools.pairwise(models) if pair[0] != pair[1]]
    assert changes == [(models[0], "other 2.0")], "first the old one, from then on the new one"
    assert dict(heard)["0039"] == "other 2.0"
    assert [(each.model, each.version) for each in hotline.reports()] == [("other", "2.0")]


def test_a_model_that_does_not_load_is_taken_back_and_recordings_go_on(hotline: Hotline) -> None:
    hotline.put_model("broken-1.0", is_broken=True)
    hotline.leave_messages(0, 5)
    hotline.start_worker()
    hotline.wait_for(2)
    with pytest.raises(ModelUnloadable):
        ModelShelf(hotline.settings).use("broken-1.0")
    hotline.choice.use("broken-1.0")  # it broke after it had been seen to load
    hotline.leave_messages(5, 5)
    hotline.wait_for(10)
    assert len({model for _, model in hotline.heard()}) == 1
    undone = hotline.choice.current().rolled_back
    assert undone is not None
    assert undone.model == "broken-1.0"
    assert hotline.worker is not None
    assert hotline.worker.poll() is None


def test_a_process_that_was_killed_is_no_longer_counted(hotline: Hotline) -> None:
    hotline.leave_messages(0, 1)
    hotline.start_worker()
    hotline.wait_for(1)
    (report,) = hotline.reports()
    assert hotline.worker is not None
    assert (report.pid, report.process) == (hotline.worker.pid, "worker")
    later = SystemClock().now() + timedelta(minutes=5)
    assert model_reports(hotline.settings.redis_url, later) == []


def test_without_redis_nobody_knows(tmp_path: Path) -> None:
    assert model_reports("redis://127.0.0.1:1/0", SystemClock().now()) is None
