"""The call log: for supervisors, newest first, filtered."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import structlog

from ivr.domain.call import CallDirection, CallOutcome
from ivr.domain.call_record import CallStart
from ivr.models import Call
from kit.clock import FixedClock
from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, Console, World

Open = Callable[[str], Console]


def test_agents_have_no_call_log(console: Open, world: World) -> None:
    call_id = world.leave_call()
    ann = console("ann")
    assert [code_of(ann.http.get(path)) for path in ("/calls", f"/calls/{call_id}")] == ["person.role_missing"] * 2


def test_newest_first_page_by_page(console: Open, world: World, clock: FixedClock) -> None:
    ids = []
    for second in (0, 1, 1, 2, 3):
        clock.advance(timedelta(seconds=second))
        ids.append(world.leave_call())
    boss = console("boss")
    first = boss.get("/calls", limit=3)
    second_page = boss.get("/calls", limit=3, cursor=first["next_cursor"])
    assert sorted(row["id"] for row in first["items"] + second_page["items"]) == sorted(ids)
    assert first["items"][0]["id"] == ids[-1]
    assert second_page["next_cursor"] is None


def test_filters(console: Open, world: World, clock: FixedClock) -> None:
    missed = world.leave_call(caller="+8613900000002")
    clock.advance(timedelta(hours=1))
    left = world.leave_message()
    boss = console("boss")

    def found(**filters: str) -> list[str]:
        return [row["id"] for row in boss.get("/calls", **filters)["items"]]

    assert found(outcome=CallOutcome.MISSED) == [missed]
    assert found(caller="00000002") == [missed]
    assert found(caller="%") == []
    assert found(direction="outbound") == []
    middle = (clock.now() - timedelta(minutes=30)).isoformat()
    assert found(**{"from": middle}) == [left.call_id]
    assert found(to=middle) == [missed]


@ONE_DATABASE
@pytest.mark.parametrize("instant", ["2026-03-02T12:00:00", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_an_instant_without_a_zone_or_out_of_time_is_refused(console: Open, instant: str) -> None:
    answer = console("boss").http.get("/calls", params={"from": instant})
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
    assert answer.json()["fields"][0]["field"] == "query.from"


def test_a_call_with_everything_that_belongs_to_it(console: Open, world: World) -> None:
    left = world.leave_message()
    ticket_id = world.open_ticket(left)
    page = console("boss").get(f"/calls/{left.call_id}")
    assert page["digits"] == [{"digit": "1", "at_ms": 2310}]
    assert page["message"]["id"] == left.message_id
    assert [recording["id"] for recording in page["recordings"]] == [left.recording_id]
    assert page["transcripts"][left.recording_id]["status"] == "ready"
    assert (page["call"]["ticket_id"], page["call"]["recording_ms"]) == (ticket_id, 1000)


def test_words_of_danger_are_seen_and_found_while_the_call_lives(console: Open, world: World) -> None:
    world.leave_call()
    live = CallStart("live1", CallDirection.INBOUND, "12345", "+8613900000003", world.clock.now())
    world.services.ivr.call_arrived(live)
    world.services.ivr.emergency_heard("live1", ["着火", "受伤"])
    (row,) = console("boss").get("/calls", emergency="true")["items"]
    assert (row["id"], row["status"], row["emergency_words"]) == ("live1", "ringing", ["着火", "受伤"])
    assert len(console("boss").get("/calls")["items"]) == 2


def test_a_call_shows_what_was_said_and_what_became_of_it(console: Open, world: World) -> None:
    said = {
        "question": "menu",
        "phrase": "留言",
        "confidence": 0.9,
        "start_ms": 10,
        "end_ms": 20,
        "verdict": "accepted",
    }
    call_id = world.leave_call()
    with world.services.db.transaction() as tx:
        tx.session.get_one(Call, call_id).voice_answers = [said]
    assert console("boss").get(f"/calls/{call_id}")["voice_answers"] == [said]


def test_an_unknown_call_is_not_found(console: Open) -> None:
    assert code_of(console("boss").http.get(f"/calls/{'0' * 32}")) == "call.not_found"


def test_the_log_holds_no_number_that_was_searched_for(console: Open) -> None:
    boss = console("boss")
    with structlog.testing.capture_logs() as lines:
        boss.get("/calls", caller="13900000002")
    assert "/calls" in [line["route"] for line in lines if line["event"] == "web.request.answered"]
    assert "13900000002" not in str(lines)
