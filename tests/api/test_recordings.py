"""Listening: byte ranges, and only for those who may see the ticket."""

from collections.abc import Callable

import pytest
import structlog

from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, Console, LeftMessage, World

Open = Callable[[str], Console]


@pytest.fixture
def left(world: World) -> LeftMessage:
    """A message whose ticket is offered to ann."""
    world.be_available("ann", "ben")
    message = world.leave_message()
    world.open_ticket(message)
    return message


def test_the_whole_recording(console: Open, left: LeftMessage) -> None:
    answer = console("ann").http.get(f"/recordings/{left.recording_id}/audio")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == left.sound


@ONE_DATABASE
@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-", 0, 16044),
        ("bytes=100-199", 100, 200),
        ("bytes=-44", 16000, 16044),
        ("bytes=16000-99999", 16000, 16044),
    ],
)
def test_a_part_of_the_recording(console: Open, left: LeftMessage, wanted: str, start: int, end: int) -> None:
    answer = console("ann").http.get(f"/recordings/{left.recording_id}/audio", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/16044"
    assert answer.content == left.sound[start:end]


@ONE_DATABASE
@pytest.mark.parametrize("wanted", ["bytes=16044-", "bytes=99999-100000", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(console: Open, left: LeftMessage, wanted: str) -> None:
    answer = console("ann").http.get(f"/recordings/{left.recording_id}/audio", headers={"Range": wanted})
    assert (answer.status_code, code_of(answer)) == (416, "request.range_not_satisfiable")
    assert answer.headers["content-range"] == "bytes */16044"


@ONE_DATABASE
@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,4-5", "rubbish", "bytes=²-"])
def test_a_range_that_is_none_gives_the_whole(console: Open, left: LeftMessage, wanted: str) -> None:
    answer = console("ann").http.get(
        f"/recordings/{left.recording_id}/audio", headers=[(b"Range", wanted.encode("latin-1"))]
    )
    assert (answer.status_code, answer.content) == (200, left.sound)


def test_a_range_of_another_version_gives_the_whole(console: Open, left: LeftMessage) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"of another file"'}
    answer = console("ann").http.get(f"/recordings/{left.recording_id}/audio", headers=headers)
    assert answer.status_code == 200


def test_somebody_elses_recording_is_not_found(console: Open, world: World, left: LeftMessage) -> None:
    answer = console("ben").http.get(f"/recordings/{left.recording_id}/audio")
    assert (answer.status_code, code_of(answer)) == (404, "recording.not_found")
    assert console("").http.get(f"/recordings/{left.recording_id}/audio").status_code == 401


def test_a_recording_without_a_ticket_is_for_supervisors(console: Open, world: World) -> None:
    left = world.leave_message()
    assert console("boss").http.get(f"/recordings/{left.recording_id}/audio").status_code == 200
    assert console("ann").http.get(f"/recordings/{left.recording_id}/audio").status_code == 404


def test_a_lost_file_is_not_found_and_tells_no_path(console: Open, world: World, left: LeftMessage) -> None:
    world.services.files.local_path(f"recordings/{left.recording_id}.wav").unlink()
    answer = console("ann").http.get(f"/recordings/{left.recording_id}/audio")
    assert (answer.status_code, code_of(answer)) == (404, "storage.file_missing")
    assert "/tmp" not in answer.text  # noqa: S108


def test_every_listening_is_written_down(console: Open, world: World, left: LeftMessage) -> None:
    with structlog.testing.capture_logs() as lines:
        console("ann").http.get(f"/recordings/{left.recording_id}/audio")
    listened = [line for line in lines if line["event"] == "web.recording.listened"]
    assert [(line["person_id"], line["recording_id"]) for line in listened] == [(world.ids["ann"], left.recording_id)]
