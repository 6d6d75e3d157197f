"""A person's word on what the machine heard: corrections kept beside it, decisions on slots."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import structlog

from app.views import overdue
from tests.api.said import DOOR, MASKED, NUMBER, SECRETS, said_ticket
from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, Console, World
from ticketing.domain.lifecycle import TicketAction
from ticketing.service import Actor

Open = Callable[[str], Console]
TEXT = "人民路的路灯灭了，请打我的手机"


@pytest.fixture
def ticket_id(world: World) -> str:
    """Held by ann, who has opened the original."""
    ticket_id, _ = said_ticket(world)
    return ticket_id


@pytest.fixture
def ann(console: Open, ticket_id: str) -> Console:
    ann = console("ann")
    assert ann.post(f"/tickets/{ticket_id}/original-access", {"reason": "correction"}).status_code == 200
    return ann


def test_a_correction_is_the_third_layer_and_the_tickets_text(ann: Console, world: World, ticket_id: str) -> None:
    with structlog.testing.capture_logs() as lines:
        page = ann.post(f"/tickets/{ticket_id}/correction", {"text": f"  {TEXT}  ", "base": 0}).json()
    assert page["transcript"]["correction"] == {
        "number": 1,
        "text": TEXT,
        "by": {"id": world.ids["ann"], "display_name": "Ann"},
        "at": page["transcript"]["correction"]["at"],
    }
    assert "".join(piece["text"] for piece in page["transcript"]["reading"]) == MASKED
    assert (page["ticket"]["text"], page["ticket"]["text_source"]) == (TEXT, "corrected")
    row = page["timeline"][-1]
    assert (row["action"], row["actor"]["display_name"], row["note"], row["details"]) == ("corrected", "Ann", None, {})
    assert TEXT not in str(lines)


def test_what_a_person_typed_is_masked_like_what_was_said(ann: Console, world: World, ticket_id: str) -> None:
    text = "请打13900139000，鲁B12345停在门口"
    with structlog.testing.capture_logs() as lines:
        page = ann.post(f"/tickets/{ticket_id}/correction", {"text": text, "base": 0})
        slot_page = ann.post(f"/tickets/{ticket_id}/slots/place", {"label": "人民路2号楼3单元501室"})
    assert not [
        secret for secret in ("13900139000", "B12345", "3单元501") if secret in page.text + slot_page.text + str(lines)
    ]
    assert page.json()["ticket"]["text"].startswith("请打[")
    assert slot(slot_page.json(), "place")["decision"]["label"].startswith("人民路[")
    original = ann.get(f"/tickets/{ticket_id}/original")
    assert original["correction"]["text"] == text


def test_the_last_correction_counts_and_all_are_kept(ann: Console, world: World, ticket_id: str) -> None:
    for base, text in enumerate(("一", "二", "三")):
        ann.post(f"/tickets/{ticket_id}/correction", {"text": text, "base": base})
    page = ann.get(f"/tickets/{ticket_id}")
    assert (page["transcript"]["correction"]["number"], page["ticket"]["text"]) == (3, "三")
    kept = world.services.reviews.review(page["recording"]["id"]).corrections
    assert [(each.number, each.text) for each in kept] == [(1, "一"), (2, "二"), (3, "三")]
    assert [row["action"] for row in page["timeline"]].count("corrected") == 3


def test_who_did_not_see_the_last_correction_is_refused(ann: Console, ticket_id: str) -> None:
    ann.post(f"/tickets/{ticket_id}/correction", {"text": TEXT, "base": 0})
    for base in (0, 2):
        late = ann.post(f"/tickets/{ticket_id}/correction", {"text": "else", "base": base})
        assert (late.status_code, code_of(late)) == (409, "correction.outdated")
    assert ann.get(f"/tickets/{ticket_id}")["ticket"]["text"] == TEXT


@ONE_DATABASE
def test_who_has_not_opened_the_original_cannot_correct(console: Open, ticket_id: str) -> None:
    refused = console("boss").post(f"/tickets/{ticket_id}/correction", {"text": TEXT, "base": 0})
    assert (refused.status_code, code_of(refused)) == (403, "original.reason_missing")
    assert console("ben").post(f"/tickets/{ticket_id}/correction", {"text": TEXT, "base": 0}).status_code == 404


@ONE_DATABASE
def test_a_failed_transcript_can_be_written_by_hand(console: Open, world: World) -> None:
    left = world.leave_message(is_recognised=False)
    world.services.asr.give_up(left.recording_id, "asr.no_answer_in_time")
    world.services.flow.open_ticket(left.message_id)
    ticket_id = world.services.tickets.ticket_of_message(left.message_id)
    boss = console("boss")
    boss.post(f"/tickets/{ticket_id}/original-access", {"reason": "correction"})
    page = boss.post(f"/tickets/{ticket_id}/correction", {"text": TEXT, "base": 0}).json()
    assert (page["ticket"]["text"], page["ticket"]["text_source"]) == (TEXT, "corrected")


def test_who_opened_the_original_is_listed_newest_first(
    ann: Console, console: Open, world: World, ticket_id: str
) -> None:
    boss = console("boss")
    boss.post(f"/tickets/{ticket_id}/original-access", {"reason": "other", "note": "n"})
    recording_id = boss.get(f"/tickets/{ticket_id}")["recording"]["id"]
    listed = boss.get(f"/recordings/{recording_id}/original-access")
    assert [(row["person"]["display_name"], row["reason"]) for row in listed] == [
        ("Boss", "other"),
        ("Ann", "correction"),
    ]
    assert ann.get(f"/tickets/{ticket_id}/original")["is_original"]


def test_a_correction_that_did_not_reach_its_ticket_is_found(ann: Console, world: World, ticket_id: str) -> None:
    def missing() -> list[str]:
        with world.services.db.reading() as session:
            return overdue.corrections_not_on_ticket(session, world.clock.now() + timedelta(minutes=1))

    ann.post(f"/tickets/{ticket_id}/correction", {"text": "一", "base": 0})
    assert missing() == []
    world.services.db.bus._subscribers.clear()  # as if the process died right after its commit
    for base, text in ((1, "二"), (2, "三")):
        ann.post(f"/tickets/{ticket_id}/correction", {"text": text, "base": base})
    [recording_id] = missing()
    for _ in range(2):  # a step may be taken twice
        world.services.flow.correct_ticket(recording_id)
    assert missing() == []
    page = ann.get(f"/tickets/{ticket_id}")
    assert page["ticket"]["text"] == "三"
    assert [row["action"] for row in page["timeline"]].count("corrected") == 3


# slots


def slot(page: Any, kind: str) -> Any:
    return next(each for each in page["transcript"]["slots"] if each["kind"] == kind)


@ONE_DATABASE
def test_slots_come_masked_with_evidence_and_confidence(console: Open, ticket_id: str) -> None:
    page = console("ann").get(f"/tickets/{ticket_id}")
    [category] = slot(page, "category")["candidates"]
    assert (category["value"], category["label"], category["needs_person"]) == ("lighting", "市政照明", False)
    [evidence] = category["evidence"]
    text = "".join(piece["text"] for piece in page["transcript"]["reading"])
    assert text[evidence["start_char"] : evidence["end_char"]] == "路灯不亮"
    assert (evidence["start_ms"], evidence["end_ms"]) == (300, 450)
    assert slot(page, "place")["candidates"][0]["label"] == "人民路［门牌］"
    assert slot(page, "phone_number")["candidates"][0]["label"] == "［电话］"


@ONE_DATABASE
def test_below_the_gate_nothing_follows_until_a_person_decides(console: Open, ticket_id: str) -> None:
    ann = console("ann")
    page = ann.get(f"/tickets/{ticket_id}")
    assert [slot(page, kind)["may_be_acted_upon"] for kind in ("category", "place")] == [True, False]
    page = ann.post(f"/tickets/{ticket_id}/slots/place", {}).json()
    assert slot(page, "place")["may_be_acted_upon"]
    assert slot(page, "place")["decision"]["by"]["display_name"] == "Ann"


@ONE_DATABASE
def test_confirming_what_is_masked_keeps_it_masked(console: Open, world: World, ticket_id: str) -> None:
    ann = console("ann")
    for kind in ("place", "phone_number"):
        answer = ann.post(f"/tickets/{ticket_id}/slots/{kind}", {})
        assert not [secret for secret in SECRETS if secret in answer.text]
    ann.post(f"/tickets/{ticket_id}/original-access", {"reason": "handling"})
    original = {"transcript": ann.get(f"/tickets/{ticket_id}/original")}
    assert slot(original, "place")["decision"]["label"] == f"人民路{DOOR}"
    assert slot(original, "phone_number")["decision"]["value"] == f"+86{NUMBER}"


@ONE_DATABASE
def test_a_person_sets_what_the_machine_did_not_find(console: Open, ticket_id: str) -> None:
    ann = console("ann")
    with structlog.testing.capture_logs() as lines:
        page = ann.post(f"/tickets/{ticket_id}/slots/town", {"label": "科苑街道", "value": "keyuan"}).json()
        page = ann.post(f"/tickets/{ticket_id}/slots/phone_number", {"label": "13900139000"}).json()
    town = slot(page, "town")
    assert (town["candidates"], town["decision"]["value"], town["decision"]["label"]) == ([], "keyuan", "科苑街道")
    assert (slot(page, "phone_number")["decision"]["label"], slot(page, "phone_number")["decision"]["value"]) == (
        "＊＊",
        "",
    )
    assert "13900139000" not in str(page) + str(lines)
    rows = [row for row in page["timeline"] if row["action"] == "decide_slot"]
    assert [row["details"] for row in rows] == [{"slot": "town"}, {"slot": "phone_number"}]


@ONE_DATABASE
def test_the_last_decision_counts(console: Open, ticket_id: str) -> None:
    ann = console("ann")
    ann.post(f"/tickets/{ticket_id}/slots/category", {"label": "供水", "value": "water"})
    page = ann.post(f"/tickets/{ticket_id}/slots/category", {}).json()
    assert slot(page, "category")["decision"]["value"] == "lighting"


@ONE_DATABASE
def test_the_timeline_tells_a_known_category_and_no_other_word(console: Open, ticket_id: str) -> None:
    ann = console("ann")
    for value in ("water", "张三的家"):
        page = ann.post(f"/tickets/{ticket_id}/slots/category", {"label": "供水", "value": value}).json()
    rows = [row["details"] for row in page["timeline"] if row["action"] == "decide_slot"]
    assert rows == [{"slot": "category", "value": "water"}, {"slot": "category"}]


@ONE_DATABASE
def test_what_cannot_be_decided_is_refused(console: Open, world: World, ticket_id: str) -> None:
    ann = console("ann")
    cases = [
        (ann.post(f"/tickets/{ticket_id}/slots/grid", {}), 404, "slot.unknown"),
        (ann.post(f"/tickets/{ticket_id}/slots/category", {"choice": 1}), 404, "slot.unknown"),
        (ann.post(f"/tickets/{ticket_id}/slots/colour", {}), 422, "request.invalid"),
        (ann.post(f"/tickets/{ticket_id}/slots/grid", {"label": ""}), 422, "request.invalid"),
        (console("ben").post(f"/tickets/{ticket_id}/slots/category", {}), 404, "ticket.not_found"),
    ]
    assert [(answer.status_code, code_of(answer)) for answer, _, _ in cases] == [(s, code) for _, s, code in cases]


@ONE_DATABASE
def test_a_closed_ticket_is_not_changed_any_more(console: Open, world: World, ticket_id: str) -> None:
    world.services.tickets.act(ticket_id, TicketAction.RESOLVE, Actor(world.ids["ann"]), "done")
    world.services.tickets.close(ticket_id, 1, "rated")
    boss = console("boss")
    assert boss.post(f"/tickets/{ticket_id}/original-access", {"reason": "complaint"}).status_code == 200
    refused = [
        boss.post(f"/tickets/{ticket_id}/correction", {"text": TEXT, "base": 0}),
        boss.post(f"/tickets/{ticket_id}/slots/category", {}),
    ]
    assert [code_of(answer) for answer in refused] == ["ticket.action_not_allowed"] * 2
