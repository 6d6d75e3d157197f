"""A message is kept before its client hears so, and once, however often it comes in."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from intake.domain.errors import (
    ClientNameTaken,
    ClientUnknown,
    ExternalIdReused,
    FetchFailed,
    ReferenceRefused,
    TooManyUploads,
    UploadNotFound,
)
from intake.domain.events import UploadReceived
from intake.domain.upload import NewUpload, UploadStatus
from intake.models import VoiceUpload
from intake.service import Receipt
from kit.errors import Invalid
from kit.events import Event
from tests.integration.intake.stage import HOST, Stage


def test_a_sound_is_in_the_store_and_in_the_books(stage: Stage, facts: list[Event]) -> None:
    upload_id = stage.leave()
    upload = stage.service.upload(upload_id)
    assert upload.status is UploadStatus.RECEIVED
    assert (upload.caller, upload.line, upload.external_id) == ("+8613900000001", "12345", "x-1")
    assert upload.file_key is not None
    assert stage.files.local_path(upload.file_key).read_bytes() == b"sound"
    assert facts == [UploadReceived(upload_id)]


def test_the_same_message_again_adds_nothing(stage: Stage, facts: list[Event]) -> None:
    first = stage.leave()
    again = stage.service.receive(stage.client, NewUpload("x-1", "13900000001", ""), *stage.sound())
    assert again == Receipt(first, is_repetition=True)
    assert len(facts) == 1
    assert len(stage.stored()) == 1


def test_another_message_under_the_same_external_id_is_refused(stage: Stage) -> None:
    stage.leave()
    with pytest.raises(ExternalIdReused):
        stage.leave(content=b"another sound")
    assert len(stage.stored()) == 1


def test_the_same_message_many_times_at_once_is_one(stage: Stage, facts: list[Event]) -> None:
    at_once = 6
    start = threading.Barrier(at_once)
    service = stage.service

    def leave(_: int) -> Receipt:
        path, sha256 = stage.sound()
        start.wait(timeout=20)
        return service.receive(stage.client, NewUpload("x-1", "13900000001", ""), path, sha256)

    with ThreadPoolExecutor(at_once) as pool:
        receipts = list(pool.map(leave, range(at_once)))
    assert len({receipt.upload_id for receipt in receipts}) == 1
    assert [receipt.is_repetition for receipt in receipts].count(False) == 1
    assert len(facts) == 1
    with stage.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(VoiceUpload)) == 1


def test_a_withheld_number_is_anonymous(stage: Stage) -> None:
    receipt = stage.service.receive(stage.client, NewUpload("x-1", "", "12319"), *stage.sound())
    upload = stage.service.upload(receipt.upload_id)
    assert (upload.caller, upload.line) == ("anonymous", "12319")


def test_a_client_that_floods_is_told_to_wait_and_leaves_no_file(stage: Stage) -> None:
    for number in range(5):
        stage.leave(f"x-{number}")
    with pytest.raises(TooManyUploads):
        stage.leave("x-5")
    assert len(stage.stored()) == 5
    stage.leave("x-4")  # a repetition is no flood
    stage.clock.advance(timedelta(minutes=1, seconds=1))
    stage.leave("x-5")


def test_a_reference_is_fetched_once_and_is_then_like_a_sound_that_was_sent(stage: Stage, facts: list[Event]) -> None:
    receipt = stage.service.refer(stage.client, NewUpload("x-1", "", ""), f"https://{HOST}/1.amr")
    assert stage.service.upload(receipt.upload_id).status is UploadStatus.REFERRED
    assert (facts, stage.service.is_to_be_taken_in(receipt.upload_id)) == ([], False)
    for _ in range(2):
        stage.service.fetch(receipt.upload_id)
    fetched = stage.service.upload(receipt.upload_id)
    assert (fetched.status, fetched.duration_ms) == (UploadStatus.RECEIVED, 4200)
    assert fetched.file_key is not None
    assert stage.files.local_path(fetched.file_key).read_bytes() == b"fetched sound"
    assert facts == [UploadReceived(receipt.upload_id)]
    assert len(stage.fetcher.asked) == 1


def test_what_is_no_sound_is_refused_when_it_is_sent_and_kept_when_it_was_fetched(stage: Stage) -> None:
    stage.probe.fails = Invalid("no sound")
    with pytest.raises(Invalid):
        stage.leave()
    assert stage.stored() == []
    receipt = stage.service.refer(stage.client, NewUpload("x-1", "", ""), f"https://{HOST}/1.amr")
    stage.service.fetch(receipt.upload_id)
    fetched = stage.service.upload(receipt.upload_id)
    assert (fetched.status, fetched.duration_ms) == (UploadStatus.RECEIVED, None)
    assert len(stage.stored()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/1.amr",
        f"ftp://{HOST}/1.amr",
        "file:///etc/passwd",
        f"https://{HOST}@elsewhere.example/1.amr",
        f"https://user:word@{HOST}/1.amr",
        "http://127.0.0.1/1.amr",
        "//no scheme",
        "https://[",
        "",
    ],
)
def test_a_client_may_refer_to_its_own_hosts_only(stage: Stage, url: str) -> None:
    with pytest.raises(ReferenceRefused):
        stage.service.refer(stage.client, NewUpload("x-1", "", ""), url)


def test_a_failing_fetch_is_tried_for_an_hour_and_leaves_nothing_half(stage: Stage) -> None:
    receipt = stage.service.refer(stage.client, NewUpload("x-1", "", ""), f"https://{HOST}/1.amr")
    stage.fetcher.fails = FetchFailed("away", is_final=False)
    with pytest.raises(FetchFailed) as failure:
        stage.service.fetch(receipt.upload_id)
    assert not failure.value.is_final
    stage.clock.advance(timedelta(hours=1))
    with pytest.raises(FetchFailed) as failure:
        stage.service.fetch(receipt.upload_id)
    assert failure.value.is_final
    assert stage.stored() == []
    assert list((stage.folder / "incoming").iterdir()) == []


def test_what_was_taken_in_stays_so(stage: Stage) -> None:
    upload_id = stage.leave()
    assert stage.service.is_to_be_taken_in(upload_id)
    stage.service.mark_taken_in(upload_id)
    stage.service.mark_taken_in(upload_id, "audio.unreadable")
    upload = stage.service.upload(upload_id)
    assert (upload.status, upload.failure_code) == (UploadStatus.TAKEN_IN, None)
    assert not stage.service.is_to_be_taken_in(upload_id)


def test_a_message_of_the_telephone_is_no_upload(stage: Stage) -> None:
    assert not stage.service.is_to_be_taken_in("unknown")
    assert not stage.service.wants_to_be_told("unknown")
    with pytest.raises(UploadNotFound):
        stage.service.upload("unknown")


def test_a_client_is_known_by_its_token_until_it_is_revoked(stage: Stage) -> None:
    assert stage.clients.of_token(stage.token).id == stage.client.id
    with pytest.raises(ClientUnknown):
        stage.clients.of_token("guessed")
    with pytest.raises(ClientNameTaken):
        stage.clients.add("mini-page", "12345")
    stage.clients.revoke("mini-page")
    with pytest.raises(ClientUnknown):
        stage.clients.of_token(stage.token)
    with pytest.raises(ClientUnknown):
        stage.clients.of_id(stage.client.id)
    with pytest.raises(ClientUnknown):
        stage.clients.revoke("mini-page")


def test_neither_token_nor_number_shows_in_a_facts_text(stage: Stage) -> None:
    upload = stage.service.upload(stage.leave())
    for secret in (stage.token, stage.client.secret, "13900000001"):
        assert secret not in f"{stage.client} {upload} {NewUpload('x', '13900000001', '')}"
