"""Telling clients over HTTP: signed, with the state of their message, and with patience."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bootstrap import Services, build_services
from app.feed_nudges import LocalNudges
from app.webhooks import webhooks
from config.settings import Settings
from intake.domain.client import ClientFacts
from intake.domain.delivery import DeliveryStatus
from intake.domain.errors import WebhookWrong
from intake.domain.signature import check_signature
from intake.domain.upload import NewUpload
from intake.models import WebhookDelivery
from kit.clock import FixedClock
from kit.db import Database
from tests.api.world import ONE_DATABASE
from tests.support.hook_server import HookServer, hook_server
from tests.support.ports import free_port
from tests.support.tones import write_tone

pytestmark = ONE_DATABASE


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with hook_server() as server:
        yield server


class NoQueue:
    """Nobody recognises anything here."""

    def enqueue_transcription(self, message_id: str, audio_ms: int) -> None: ...

    def enqueue_part(self, message_id: str, part_no: int, audio_ms: int) -> None: ...

    def resting_workers(self) -> dict[str, datetime]:
        return {}


@pytest.fixture
def services(database: Database, database_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(data_dir=tmp_path / "var", database_url=database_url)
    built = build_services(settings, clock, queue=NoQueue(), nudges=LocalNudges())
    yield built
    built.db.dispose()


def leave(services: Services, url: str, folder: Path) -> tuple[ClientFacts, str]:
    client = services.intake_clients.of_id(services.intake_clients.add("mini-page", "12345", url).id)
    sound = folder / "sound"
    write_tone(sound)
    receipt = services.intake.receive(client, NewUpload("app-1", "13900000001", ""), sound, "00")
    return client, receipt.upload_id


def test_a_client_is_told_with_a_signature_and_without_the_citizens_words(
    services: Services, hook: HookServer, tmp_path: Path
) -> None:
    client, upload_id = leave(services, f"http://127.0.0.1:{hook.server_port}/hook/here", tmp_path)
    services.intake.plan_telling(upload_id, "new", 1)
    courier = webhooks(services)
    courier.look()
    ((headers, body),) = hook.heard
    check_signature(
        client.secret,
        headers["X-Hotline-Timestamp"],
        "POST",
        "/hook/here",
        hashlib.sha256(body).hexdigest(),
        headers["X-Hotline-Signature"],
    )
    told = json.loads(body)
    assert (told["stage"], told["round"]) == ("new", 1)
    assert (told["message"]["id"], told["message"]["external_id"]) == (upload_id, "app-1")
    assert "13900000001" not in body.decode()
    courier.look()
    assert len(hook.heard) == 1


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_a_refusal_is_answered_with_another_try(
    services: Services, hook: HookServer, tmp_path: Path, clock: FixedClock, answer: int
) -> None:
    _, upload_id = leave(services, f"http://127.0.0.1:{hook.server_port}/", tmp_path)
    services.intake.plan_telling(upload_id, "new", 1)
    hook.answer = answer
    courier = webhooks(services)
    courier.look()
    courier.look()
    assert len(hook.heard) == 1
    hook.answer = 200
    clock.advance(timedelta(seconds=10))
    courier.look()
    assert len(hook.heard) == 2
    first, second = (json.loads(body)["delivery_id"] for _, body in hook.heard)
    assert first == second  # a client that heard both can tell that they are one


def test_an_answer_that_never_ends_holds_up_nobody(services: Services, hook: HookServer, tmp_path: Path) -> None:
    _, upload_id = leave(services, f"http://127.0.0.1:{hook.server_port}/", tmp_path)
    services.intake.plan_telling(upload_id, "new", 1)
    hook.answer = 200
    hook.has_endless_body = True
    webhooks(services).look()
    with services.db.reading() as session:
        (row,) = session.scalars(select(WebhookDelivery)).all()
    assert row.status is DeliveryStatus.DELIVERED


def test_an_answer_that_comes_letter_by_letter_holds_up_nobody(services: Services, tmp_path: Path) -> None:
    closing = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not closing.wait(0.05):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        _, upload_id = leave(services, f"http://127.0.0.1:{server.getsockname()[1]}/", tmp_path)
        services.intake.plan_telling(upload_id, "new", 1)
        looking = threading.Thread(target=webhooks(services, answer_within_s=0.3).look, daemon=True)
        looking.start()
        looking.join(5)
        has_ended = not looking.is_alive()
        closing.set()
        dripping.join(5)
    assert has_ended
    with services.db.reading() as session:
        (row,) = session.scalars(select(WebhookDelivery)).all()
    assert (row.tries, row.status) == (1, DeliveryStatus.WAITING)


def test_an_address_nobody_answers_at_is_tried_again_later(services: Services, tmp_path: Path) -> None:
    _, upload_id = leave(services, f"http://127.0.0.1:{free_port()}/", tmp_path)
    services.intake.plan_telling(upload_id, "new", 1)
    webhooks(services).look()
    with services.db.reading() as session:
        (row,) = session.scalars(select(WebhookDelivery)).all()
    assert (row.last_answer, row.tries, row.status) == ("ConnectError", 1, DeliveryStatus.WAITING)


def test_a_dead_address_gets_a_rest_and_costs_what_waits_for_it_no_try(
    services: Services, hook: HookServer, tmp_path: Path, clock: FixedClock
) -> None:
    _, upload_id = leave(services, f"http://127.0.0.1:{hook.server_port}/", tmp_path)
    for stage in ("new", "accepted", "resolved", "revisit", "closed", "reopened"):  # more than there are threads
        services.intake.plan_telling(upload_id, stage, 1)
    hook.answer = 503
    courier = webhooks(services)
    courier.look()
    tried = len(hook.heard)
    courier.look()
    assert len(hook.heard) == tried
    with services.db.reading() as session:
        tries = session.scalars(select(WebhookDelivery.tries)).all()
    assert sum(tries) == tried
    hook.answer = 204
    clock.advance(timedelta(seconds=10))
    courier.look()
    assert len(hook.heard) == tried + 6


@pytest.mark.parametrize("url", ["nonsense", "http://[/", "http:///hook", "ftp://host/", "http://host:99999/"])
def test_what_cannot_be_posted_to_is_no_webhook(services: Services, url: str) -> None:
    with pytest.raises(WebhookWrong):
        services.intake_clients.add("mini-page", "12345", url)
