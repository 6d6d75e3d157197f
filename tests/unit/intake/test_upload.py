"""The life of an upload, and what makes two of them the same."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.delivery import wait_before_try
from intake.domain.upload import (
    OPEN,
    UPLOAD_LIFE,
    NewUpload,
    UploadAction,
    UploadStatus,
    fingerprint_of,
    upload_id_of,
)

NEW = NewUpload("x-1", "13900000001", "12345")


@pytest.mark.parametrize("status", UploadStatus)
@pytest.mark.parametrize("action", UploadAction)
def test_only_open_uploads_move(status: UploadStatus, action: UploadAction) -> None:
    if (status, action) in UPLOAD_LIFE:
        assert status in OPEN


def test_every_open_upload_can_end() -> None:
    for status in OPEN:
        assert any(UPLOAD_LIFE.get((status, action)) not in (None, *OPEN) for action in UploadAction)


def test_the_same_external_id_of_two_clients_is_two_messages() -> None:
    assert upload_id_of("a", "1") != upload_id_of("b", "1")
    assert upload_id_of("a", "1") == upload_id_of("a", "1")


@pytest.mark.parametrize(
    "other",
    [
        NewUpload("x-1", "13900000002", "12345"),
        NewUpload("x-1", "13900000001", "12319"),
        NewUpload("x-1", "13900000001", "12345", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_another_caller_line_or_time_is_another_message(other: NewUpload) -> None:
    assert fingerprint_of(NEW, "sound") != fingerprint_of(other, "sound")
    assert fingerprint_of(NEW, "sound") != fingerprint_of(NEW, "another sound")


def test_telling_is_tried_for_more_than_a_day_and_then_given_up() -> None:
    waits: list[timedelta] = []
    while (wait := wait_before_try(len(waits) + 1)) is not None:
        waits.append(wait)
    assert waits == sorted(waits)
    assert sum(wait.total_seconds() for wait in waits) > 86400
