"""The way of a voice message that was uploaded: like one of the telephone, also when every process dies."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from intake.domain.delivery import FAILED_STAGE
from intake.domain.upload import NewUpload, UploadStatus
from intake.models import WebhookDelivery
from ivr.models import MessageQuality
from kit.storage.file_store import FileMissing
from tests.journeys.conftest import CITIZEN, Hotline
from tests.support.tones import write_tone
from ticketing.domain.lifecycle import TicketAction, TicketStatus
from ticketing.domain.ticket import Actor, TicketFacts
from ticketing.models import TextSource, Ticket


def _leave(hotline: Hotline, folder: Path, *, external_id: str = "app-1") -> str:
    clients = hotline.services.intake_clients
    known = {client.name: client for client in clients.clients()}
    if not known:
        clients.add("mini-page", "12345", "http://127.0.0.1:9/hook")
    (client,) = clients.clients()
    path = folder / "sound"
    write_tone(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return hotline.services.intake.receive(client, NewUpload(external_id, CITIZEN, ""), path, digest).upload_id


def _sound_of(hotline: Hotline, upload_id: str) -> Path:
    file_key = hotline.services.intake.upload(upload_id).file_key
    assert file_key is not None
    return hotline.services.files.local_path(file_key)


def _tickets(hotline: Hotline) -> list[TicketFacts]:
    with hotline.services.db.reading() as session:
        ids = session.scalars(select(Ticket.id)).all()
    return [hotline.services.tickets.ticket(ticket_id) for ticket_id in ids]


def _told(hotline: Hotline) -> list[tuple[str, int]]:
    with hotline.services.db.reading() as session:
        rows = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.created_at)).all()
    return [(row.stage, row.round) for row in rows]


def test_an_uploaded_message_becomes_a_ticket_and_its_client_is_told(hotline: Hotline, tmp_path: Path) -> None:
    upload_id = _leave(hotline, tmp_path)
    hotline.work()
    (ticket,) = _tickets(hotline)
    assert (ticket.text_source, ticket.voice_message_id) == (TextSource.TRANSCRIPT, upload_id)
    assert "路灯" in ticket.text
    assert ticket.caller == f"+86{CITIZEN}"
    assert hotline.services.intake.upload(upload_id).status is UploadStatus.TAKEN_IN
    holder = Actor(ticket.holder_person_id or "")
    hotline.services.tickets.act(ticket.id, TicketAction.ACCEPT, holder, offer_no=ticket.offer_no)
    hotline.services.tickets.act(ticket.id, TicketAction.RESOLVE, holder, note="修好了")
    assert _told(hotline)[:2] == [("new", 1), ("accepted", 1)]
    assert set(_told(hotline)) <= {("new", 1), ("accepted", 1), ("resolved", 1), ("revisit", 1)}


def test_a_sound_that_cannot_be_read_is_called_back_and_its_client_is_told(hotline: Hotline, tmp_path: Path) -> None:
    upload_id = _leave(hotline, tmp_path)
    _sound_of(hotline, upload_id).write_bytes(b"RIFF\x00\x00\x00\x00WAVEno sound at all")
    hotline.work()
    (ticket,) = _tickets(hotline)
    assert ticket.text_source is TextSource.UNUSABLE_MESSAGE
    assert hotline.services.ivr.message(upload_id).quality is MessageQuality.UNREADABLE
    upload = hotline.services.intake.upload(upload_id)
    assert upload.status is UploadStatus.UNREADABLE
    assert (upload.failure_code or "").startswith("audio.")
    assert _sound_of(hotline, upload_id).exists()  # what was sent is kept
    assert (FAILED_STAGE, 1) in _told(hotline) or ("new", 1) in _told(hotline)


def test_a_sound_that_is_away_is_waited_for_and_then_called_back(hotline: Hotline, tmp_path: Path) -> None:
    back, lost = (_leave(hotline, tmp_path, external_id=name) for name in ("app-1", "app-2"))
    for upload_id in (back, lost):
        sound = _sound_of(hotline, upload_id)
        sound.rename(tmp_path / upload_id)
        with pytest.raises(FileMissing):
            hotline.services.flow.take_in(upload_id)
        assert hotline.services.intake.is_to_be_taken_in(upload_id)
        if upload_id == back:
            (tmp_path / upload_id).rename(sound)
    hotline.services.flow.take_in(back)
    assert hotline.services.intake.upload(back).status is UploadStatus.TAKEN_IN
    hotline.clock.advance(timedelta(seconds=hotline.services.policy.intake.fetch_for_s))
    hotline.services.flow.take_in(lost)
    upload = hotline.services.intake.upload(lost)
    assert (upload.status, upload.failure_code) == (UploadStatus.UNREADABLE, FileMissing.code)
    hotline.pass_time()
    assert TextSource.UNUSABLE_MESSAGE in {ticket.text_source for ticket in _tickets(hotline)}


def test_an_upload_survives_the_death_of_every_process(hotline: Hotline, tmp_path: Path) -> None:
    hotline.kill_after_commits()
    _leave(hotline, tmp_path)
    for _ in range(6):
        hotline.pass_time()
        hotline.work()
    (ticket,) = _tickets(hotline)
    assert ticket.status is TicketStatus.NEW
    assert "路灯" in ticket.text
    assert ("new", 1) in _told(hotline)


def test_an_upload_waits_while_the_queue_is_away(hotline: Hotline, tmp_path: Path) -> None:
    hotline.queue.is_away = True
    _leave(hotline, tmp_path)
    hotline.pass_time()
    assert _tickets(hotline) == []
    hotline.queue.is_away = False
    hotline.pass_time()
    hotline.work()
    assert len(_tickets(hotline)) == 1


def test_a_death_between_filing_and_marking_files_nothing_twice(
    hotline: Hotline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = _leave(hotline, tmp_path)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(hotline.services.intake, "mark_taken_in", die)
        with pytest.raises(KeyboardInterrupt):
            hotline.work()
    assert hotline.services.intake.is_to_be_taken_in(upload_id)
    for _ in range(2):
        hotline.pass_time()
        hotline.work()
    assert not hotline.services.intake.is_to_be_taken_in(upload_id)
    with hotline.services.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1
