"""An upload that no worker takes in gets its ticket all the same."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.bootstrap import Services, build_services
from app.feed_nudges import LocalNudges
from app.late_uploads import LateUploads
from app.migrate import migrate
from config.settings import Settings
from intake.domain.upload import NewUpload, UploadStatus
from kit.clock import FixedClock, SystemClock
from tests.integration.intake.test_webhooks import NoQueue
from tests.support.ports import free_port
from tests.support.tones import write_tone


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
def services(clock: FixedClock, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(data_dir=tmp_path / "var", database_url=f"sqlite:///{tmp_path / 'hotline.sqlite3'}")
    migrate(settings)
    built = build_services(settings, clock, queue=NoQueue(), nudges=LocalNudges())
    yield built
    built.db.dispose()


def leave(services: Services, folder: Path) -> str:
    client = services.intake_clients.of_id(services.intake_clients.add("mini-page", "12345").id)
    path = folder / "sound"
    write_tone(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return services.intake.receive(client, NewUpload("app-1", "13900000001", ""), path, digest).upload_id


def test_what_no_worker_took_in_is_taken_in_by_a_process_of_its_own(
    services: Services, clock: FixedClock, tmp_path: Path
) -> None:
    services.duty.add_desk("Intake", is_intake=True)
    upload_id = leave(services, tmp_path)
    environment = {
        "HOTLINE_DATA_DIR": str(services.settings.data_dir),
        "DATABASE_URL": services.settings.database_url,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }
    late = LateUploads(services, environment)
    late.look()
    assert services.intake.upload(upload_id).status is UploadStatus.RECEIVED  # a worker may still come
    clock.advance(timedelta(seconds=services.policy.speech.give_up_after_s + 1))
    late.look()
    assert services.intake.upload(upload_id).status is UploadStatus.TAKEN_IN
    assert services.ivr.message(upload_id).duration_ms == 3000
