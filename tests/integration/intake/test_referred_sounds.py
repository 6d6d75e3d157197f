"""Sounds that lie elsewhere: fetched beside the workers, and no host stands in another's way."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from app.bootstrap import Services, build_services
from app.feed_nudges import LocalNudges
from app.migrate import migrate
from app.referred_sounds import ReferredSounds
from config.settings import Settings
from intake.domain.upload import NewUpload, UploadStatus
from ivr.models import MessageQuality
from kit.clock import FixedClock, SystemClock
from tests.integration.intake.test_webhooks import NoQueue
from tests.support.ports import free_port
from tests.support.tones import tone
from tests.support.waiting import eventually

WITHIN_S = 20
REST = timedelta(seconds=5)


class Elsewhere(BaseHTTPRequestHandler):
    """Another machine: `/sound` has one, `/away` answers 503 and `/gone` 404."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = tone()
        self.send_response({"/away": 503, "/gone": 404}.get(self.path.partition("?")[0], 200))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Elsewhere.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
def services(clock: FixedClock, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(data_dir=tmp_path / "var", database_url=f"sqlite:///{tmp_path / 'hotline.sqlite3'}")
    migrate(settings)
    built = build_services(settings, clock, queue=NoQueue(), nudges=LocalNudges())
    built.duty.add_desk("Intake", is_intake=True)
    built.intake_clients.add("mini-page", "12345", None, ("127.0.0.1", "localhost"))
    yield built
    built.db.dispose()


def refer(services: Services, url: str) -> str:
    (client,) = services.intake_clients.clients()
    external_id = hashlib.sha256(url.encode()).hexdigest()[:16]
    return services.intake.refer(client, NewUpload(external_id, "13900000001", ""), url).upload_id


def status_of(services: Services, upload_id: str) -> UploadStatus:
    return services.intake.upload(upload_id).status


def test_what_was_fetched_waits_for_a_worker_with_its_length(services: Services, elsewhere: str) -> None:
    upload_id = refer(services, f"{elsewhere}/sound")
    sounds = ReferredSounds(services)
    sounds.look()
    assert sounds.wait(WITHIN_S)
    upload = services.intake.upload(upload_id)
    assert (upload.status, upload.duration_ms) == (UploadStatus.RECEIVED, 3000)


def test_a_host_that_is_silent_delays_nobody_else(services: Services, elsewhere: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        waiting = refer(services, f"http://localhost:{silent.getsockname()[1]}/sound")
        sounds = ReferredSounds(services)
        sounds.look()
        connection, _ = silent.accept()  # its thread waits there from now on, which must not hold up the end either
        assert [each.daemon for each in threading.enumerate() if each.name == "fetch-localhost"] == [True]
        upload_id = refer(services, f"{elsewhere}/sound")
        sounds.look()
        eventually(lambda: status_of(services, upload_id) is UploadStatus.RECEIVED, WITHIN_S)
        assert status_of(services, waiting) is UploadStatus.REFERRED
        connection.close()
        assert sounds.wait(WITHIN_S)


def test_a_host_that_fails_gets_a_rest_and_what_failed_comes_last(
    services: Services, clock: FixedClock, elsewhere: str
) -> None:
    refer(services, f"{elsewhere}/away")
    clock.advance(timedelta(seconds=1))
    refer(services, f"{elsewhere}/sound")
    sounds = ReferredSounds(services)
    for _ in range(2):  # the second look comes before the rest is over
        sounds.look()
        assert sounds.wait(WITHIN_S)
        assert Elsewhere.asked == ["/away"]
    clock.advance(REST)
    sounds.look()
    assert sounds.wait(WITHIN_S)
    assert Elsewhere.asked == ["/away", "/sound", "/away"]


@pytest.mark.parametrize(("path", "after"), [("/gone", timedelta()), ("/away", timedelta(hours=1))])
def test_what_cannot_be_fetched_is_called_back(
    services: Services, clock: FixedClock, elsewhere: str, path: str, after: timedelta
) -> None:
    upload_id = refer(services, f"{elsewhere}{path}")
    clock.advance(after)
    sounds = ReferredSounds(services)
    sounds.look()
    assert sounds.wait(WITHIN_S)
    upload = services.intake.upload(upload_id)
    assert (upload.status, upload.failure_code) == (UploadStatus.UNREADABLE, "intake.fetch_failed")
    assert services.ivr.message(upload_id).quality is MessageQuality.UNREADABLE


def test_a_machine_that_is_not_there_is_asked_again(services: Services, clock: FixedClock) -> None:
    upload_id = refer(services, f"http://127.0.0.1:{free_port()}/sound")
    sounds = ReferredSounds(services)
    for _ in range(3):
        sounds.look()
        assert sounds.wait(WITHIN_S)
        clock.advance(timedelta(minutes=5))
    assert status_of(services, upload_id) is UploadStatus.REFERRED


def test_the_messages_of_a_dead_host_are_called_back_however_many_come_after(
    services: Services, clock: FixedClock, elsewhere: str
) -> None:
    old = [refer(services, f"{elsewhere}/away?{number}") for number in range(3)]
    sounds = ReferredSounds(services)
    for number in range(3, 3 + 15):  # another message in every rest of five minutes
        refer(services, f"{elsewhere}/away?{number}")
        sounds.look()
        assert sounds.wait(WITHIN_S)
        clock.advance(timedelta(minutes=5))
    assert {status_of(services, upload_id) for upload_id in old} == {UploadStatus.UNREADABLE}
