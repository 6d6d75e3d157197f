"""Masked by default; the original for a role and a reason, written down, and not for ever."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import structlog

from asr.domain.privacy.silencing import PADDING_MS
from kit.clock import FixedClock
from tests.api.said import MASKED, NUMBER, PHONE_SPAN_MS, SECRETS, said_ticket, say
from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, Console, LeftMessage, World

Open = Callable[[str], Console]
pytestmark = ONE_DATABASE

REASON = {"reason": "handling", "note": "要去现场"}


@pytest.fixture
def said(world: World) -> tuple[str, LeftMessage]:
    return said_ticket(world)


def sound_of(console: Console, recording_id: str, **params: Any) -> bytes:
    answer = console.http.get(f"/recordings/{recording_id}/audio", params=params)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_the_ticket_is_masked_in_every_layer(console: Open, said: tuple[str, LeftMessage]) -> None:
    page = console("ann").http.get(f"/tickets/{said[0]}")
    assert not [secret for secret in SECRETS if secret in page.text]
    transcript = page.json()["transcript"]
    assert page.json()["ticket"]["text"] == MASKED
    assert "".join(piece["text"] for piece in transcript["reading"]) == MASKED
    assert transcript["text"] == "人民路＊＊路灯不亮电话＊＊"
    assert [word["redaction"] for word in transcript["words"]] == [None, "address", None, None, None, "phone_number"]
    assert [piece["redaction"] for piece in transcript["reading"]].count(None) == 5
    assert (transcript["is_original"], transcript["model"], transcript["model_version"]) == (False, "mini-cn", "3")
    assert transcript["quality"]["flags"] == ["too_quiet"]


def test_the_masked_sound_is_silent_where_the_number_was_said(console: Open, said: tuple[str, LeftMessage]) -> None:
    _, left = said
    masked = sound_of(console("ann"), left.recording_id)
    assert len(masked) == len(left.sound)
    before = np.frombuffer(left.sound[44:], "<i2")
    after = np.frombuffer(masked[44:], "<i2")
    first, last = ((ms + by) * 8 for ms, by in zip(PHONE_SPAN_MS, (-PADDING_MS, PADDING_MS), strict=True))
    assert not after[first:last].any()
    assert before[first:last].all()
    assert (after[301 * 8 : first] == before[301 * 8 : first]).all()
    assert (after[last:] == before[last:]).all()


def test_ranges_of_the_masked_sound_are_masked_too(console: Open, said: tuple[str, LeftMessage]) -> None:
    ann, url = console("ann"), f"/recordings/{said[1].recording_id}/audio"
    whole = ann.http.get(url)
    for start, end in ((0, 100), (5000, 9001), (8045, 8047), (44 + 16 * 600, 44 + 16 * 600 + 2)):
        part = ann.http.get(url, headers={"Range": f"bytes={start}-{end - 1}", "If-Range": whole.headers["etag"]})
        assert (part.status_code, part.content) == (206, whole.content[start:end])


def test_without_a_reason_there_is_no_original(console: Open, said: tuple[str, LeftMessage]) -> None:
    ticket_id, left = said
    for login in ("ann", "boss", "admin"):
        person = console(login)
        refused = [
            person.http.get(f"/tickets/{ticket_id}/original"),
            person.http.get(f"/recordings/{left.recording_id}/audio", params={"original": True}),
        ]
        assert [(answer.status_code, code_of(answer)) for answer in refused] == [(403, "original.reason_missing")] * 2


def test_with_a_reason_the_holder_sees_and_hears_everything(
    console: Open, world: World, said: tuple[str, LeftMessage]
) -> None:
    ticket_id, left = said
    ann = console("ann")
    opened = ann.post(f"/tickets/{ticket_id}/original-access", REASON)
    assert opened.status_code == 200
    original = ann.get(f"/tickets/{ticket_id}/original")
    assert original["is_original"]
    assert NUMBER in "".join(piece["text"] for piece in original["reading"])
    assert [word["redaction"] for word in original["words"]][-1] == "phone_number"
    assert sound_of(ann, left.recording_id, original=True) == left.sound
    page = ann.get(f"/tickets/{ticket_id}")
    assert page["recording"]["original_until"] == opened.json()["original_until"]
    assert page["ticket"]["text"] == MASKED
    assert not page["transcript"]["is_original"]
    assert sound_of(ann, left.recording_id) != left.sound  # masked stays the default


def test_masked_and_original_sound_are_never_taken_for_each_other(console: Open, said: tuple[str, LeftMessage]) -> None:
    ticket_id, left = said
    ann, url = console("ann"), f"/recordings/{left.recording_id}/audio"
    ann.post(f"/tickets/{ticket_id}/original-access", REASON)
    masked, original = ann.http.get(url), ann.http.get(url, params={"original": True})
    assert masked.headers["etag"] != original.headers["etag"]
    mixed = ann.http.get(url, headers={"Range": "bytes=0-9", "If-Range": original.headers["etag"]})
    assert (mixed.status_code, mixed.content) == (200, masked.content)


def test_the_opening_stands_in_the_timeline_in_the_list_and_in_the_log(
    console: Open, world: World, said: tuple[str, LeftMessage]
) -> None:
    ticket_id, left = said
    with structlog.testing.capture_logs() as lines:
        console("ann").post(f"/tickets/{ticket_id}/original-access", REASON)
    row = console("boss").get(f"/tickets/{ticket_id}")["timeline"][-1]
    assert (row["action"], row["actor"]["display_name"], row["note"]) == ("open_original", "Ann", "要去现场")
    assert row["details"] == {"original_reason": "handling"}
    [access] = console("boss").get(f"/recordings/{left.recording_id}/original-access")
    assert (access["person"]["display_name"], access["reason"], access["note"]) == ("Ann", "handling", "要去现场")
    [line] = [line for line in lines if line["event"] == "asr.original.opened"]
    assert (line["person_id"], line["reason"]) == (world.ids["ann"], "handling")
    assert "要去现场" not in str(lines)


def test_it_closes_by_itself(console: Open, clock: FixedClock, said: tuple[str, LeftMessage]) -> None:
    ticket_id, left = said
    ann = console("ann")
    ann.post(f"/tickets/{ticket_id}/original-access", REASON)
    clock.advance(timedelta(minutes=30))
    assert code_of(ann.http.get(f"/tickets/{ticket_id}/original")) == "original.reason_missing"
    assert ann.get(f"/tickets/{ticket_id}")["recording"]["original_until"] is None
    answer = ann.http.get(f"/recordings/{left.recording_id}/audio", params={"original": True})
    assert code_of(answer) == "original.reason_missing"


def test_it_is_for_one_person_alone(console: Open, said: tuple[str, LeftMessage]) -> None:
    ticket_id, _ = said
    console("ann").post(f"/tickets/{ticket_id}/original-access", REASON)
    assert code_of(console("boss").http.get(f"/tickets/{ticket_id}/original")) == "original.reason_missing"


def test_the_right_goes_with_the_ticket(console: Open, world: World, said: tuple[str, LeftMessage]) -> None:
    """Who handed it over still sees the ticket, but not the original any more, however long ago he opened it."""
    ticket_id, left = said
    ann = console("ann")
    ann.post(f"/tickets/{ticket_id}/original-access", REASON)
    console("boss").post(f"/tickets/{ticket_id}/assign", {"person_id": world.ids["ben"]})
    refused = [
        ann.http.get(f"/tickets/{ticket_id}/original"),
        ann.http.get(f"/recordings/{left.recording_id}/audio", params={"original": True}),
        ann.post(f"/tickets/{ticket_id}/original-access", REASON),
    ]
    assert [(answer.status_code, code_of(answer)) for answer in refused] == [(403, "ticket.not_the_holder")] * 3
    page = ann.get(f"/tickets/{ticket_id}")
    assert page["recording"]["original_until"] is None
    assert "open_original" not in page["allowed_actions"]


def test_another_agent_gets_nothing(console: Open, said: tuple[str, LeftMessage]) -> None:
    ticket_id, left = said
    cid = console("cid")
    refused = [
        cid.post(f"/tickets/{ticket_id}/original-access", REASON),
        cid.http.get(f"/tickets/{ticket_id}/original"),
        cid.http.get(f"/recordings/{left.recording_id}/audio"),
        cid.http.get(f"/recordings/{left.recording_id}/audio", params={"original": True}),
        cid.post(f"/recordings/{left.recording_id}/original-access", REASON),
        cid.http.get(f"/recordings/{left.recording_id}/original"),
        cid.http.get(f"/recordings/{left.recording_id}/original-access"),
    ]
    assert [answer.status_code for answer in refused] == [404, 404, 404, 404, 403, 403, 403]


def test_who_was_only_asked_has_not_the_right_yet(console: Open, world: World) -> None:
    ticket_id, _ = said_ticket(world, accepted_by=None)
    answer = console("ann").post(f"/tickets/{ticket_id}/original-access", REASON)
    assert (answer.status_code, code_of(answer)) == (403, "ticket.not_the_holder")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "other"}, "original.note_missing"),
        ({"reason": "other", "note": "  "}, "original.note_missing"),
        ({"reason": "curiosity"}, "request.invalid"),
        ({}, "request.invalid"),
    ],
)
def test_a_reason_that_is_none_is_refused(
    console: Open, said: tuple[str, LeftMessage], body: dict[str, str], code: str
) -> None:
    ann, ticket_id = console("ann"), said[0]
    answer = ann.post(f"/tickets/{ticket_id}/original-access", body)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert "open_original" not in [row["action"] for row in ann.get(f"/tickets/{ticket_id}")["timeline"]]


def test_the_call_log_is_masked_too_and_opens_for_supervisors(console: Open, world: World) -> None:
    left = say(world)  # no ticket
    boss = console("boss")
    page = boss.http.get(f"/calls/{left.call_id}")
    assert not [secret for secret in SECRETS if secret in page.text]
    url = f"/recordings/{left.recording_id}"
    assert code_of(boss.http.get(f"{url}/original")) == "original.reason_missing"
    assert boss.post(f"{url}/original-access", {"reason": "quality"}).status_code == 200
    assert boss.get(f"{url}/original")["is_original"]
    assert sound_of(boss, left.recording_id, original=True) == left.sound
    assert boss.get(f"/calls/{left.call_id}")["recordings"][0]["original_until"]


@pytest.mark.parametrize("is_failed", [True, False])
def test_what_nobody_could_search_is_original(console: Open, world: World, is_failed: bool) -> None:
    left = world.leave_message(is_recognised=False)
    if is_failed:
        world.services.asr.give_up(left.recording_id, "asr.no_answer_in_time")
    boss, url = console("boss"), f"/recordings/{left.recording_id}"
    assert code_of(boss.http.get(f"{url}/audio")) == "original.reason_missing"
    assert boss.get(f"/calls/{left.call_id}")["recordings"][0]["can_be_masked"] is False
    boss.post(f"{url}/original-access", REASON)
    assert sound_of(boss, left.recording_id) == left.sound


def test_a_file_that_cannot_be_silenced_is_original(console: Open, world: World) -> None:
    left = say(world)
    world.services.files.local_path(f"recordings/{left.recording_id}.wav").write_bytes(b"ID3" + left.sound[3:])
    boss = console("boss")
    answer = boss.http.get(f"/recordings/{left.recording_id}/audio")
    assert (answer.status_code, code_of(answer)) == (403, "original.reason_missing")
