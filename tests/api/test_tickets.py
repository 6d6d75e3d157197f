"""Tickets over HTTP: each to his holder, and to supervisors."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kit.clock import FixedClock
from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, WORDS, Console, World

Open = Callable[[str], Console]


@pytest.fixture
def ticket_id(world: World) -> str:
    """A ticket that is offered to ann; ben is next."""
    world.be_available("ann", "ben")
    return world.open_ticket()


def test_the_page_shows_what_was_said_and_what_may_be_done(console: Open, ticket_id: str) -> None:
    page = console("ann").get(f"/tickets/{ticket_id}")
    assert page["ticket"]["holder"]["person_name"] == "Ann"
    assert page["ticket"]["holder"]["role"] == "a"
    assert page["transcript"]["text"] == WORDS
    assert page["transcript"]["words"] == [
        {"text": "路灯", "start_ms": 100, "end_ms": 500, "confidence": 0.98, "speaker": "citizen", "redaction": None}
    ]
    assert page["recording"]["audio_url"].endswith("/audio")
    assert page["call"]["outcome"] == "message_left"
    assert [entry["action"] for entry in page["timeline"]] == ["created", "offered"]
    assert {clock["kind"] for clock in page["clocks"]} == {"triage", "answer", "solve", "revisit"}
    assert page["ticket"]["due_clock"] == "triage"
    assert set(page["allowed_actions"]) == {"accept", "note"}


def test_somebody_elses_ticket_is_not_found(console: Open, ticket_id: str) -> None:
    ben = console("ben")
    offer = {"offer_no": 1}
    refused = [
        ben.http.get(f"/tickets/{ticket_id}"),
        ben.post(f"/tickets/{ticket_id}/accept", offer),
        ben.post(f"/tickets/{ticket_id}/note", {"text": "n"}),
        ben.post(f"/tickets/{ticket_id}/resolve", {"resolution": "r"}),
        ben.http.get(f"/tickets/{'0' * 32}"),
    ]
    assert [(answer.status_code, code_of(answer)) for answer in refused] == [(404, "ticket.not_found")] * 5
    assert refused[0].json()["details"] == refused[-1].json()["details"] == {}
    assert ben.get("/tickets")["items"] == []


def test_an_agent_may_not_assign_nor_look_over_all(console: Open, world: World, ticket_id: str) -> None:
    ben = console("ben")
    assert ben.post(f"/tickets/{ticket_id}/assign", {"person_id": world.ids["ben"]}).status_code == 403
    assert code_of(ben.http.get("/tickets", params={"scope": "all"})) == "person.role_missing"


def test_accept_note_resolve(console: Open, world: World, ticket_id: str) -> None:
    ann = console("ann")
    offer_no = ann.get("/tickets")["items"][0]["offer_no"]
    accepted = ann.post(f"/tickets/{ticket_id}/accept", {"offer_no": offer_no}).json()
    assert accepted["ticket"]["status"] == "accepted"
    said = {"note", "open_original", "correct", "decide_slot", "keep_confidential"}
    assert set(accepted["allowed_actions"]) == said | {"resolve", "confirm", "dispatch", "open_grabbing"}
    ann.post(f"/tickets/{ticket_id}/note", {"text": "  电话核实  "})
    resolved = ann.post(f"/tickets/{ticket_id}/resolve", {"resolution": "已修复"}).json()
    assert resolved["resolution"] == "已修复"
    assert resolved["ticket"]["status"] == "revisit"  # the flow went on to ask the citizen
    assert [entry["note"] for entry in resolved["timeline"] if entry["action"] == "note"] == ["电话核实"]
    again = ann.post(f"/tickets/{ticket_id}/resolve", {"resolution": "x"})
    assert (again.status_code, code_of(again)) == (409, "ticket.action_not_allowed")


def test_an_offer_that_moved_on_cannot_be_accepted(
    console: Open, world: World, clock: FixedClock, ticket_id: str
) -> None:
    ann, ben = console("ann"), console("ben")
    offer_no = ann.get(f"/tickets/{ticket_id}")["ticket"]["offer_no"]
    clock.advance(timedelta(seconds=181))
    world.be_available("ann", "ben")
    world.services.tickets.expire_offers()
    late = ann.post(f"/tickets/{ticket_id}/accept", {"offer_no": offer_no})
    stale = ben.post(f"/tickets/{ticket_id}/accept", {"offer_no": offer_no})
    assert [(answer.status_code, code_of(answer)) for answer in (late, stale)] == [(409, "ticket.offer_gone")] * 2
    assert ann.http.get(f"/tickets/{ticket_id}").status_code == 404
    assert ben.post(f"/tickets/{ticket_id}/accept", {"offer_no": offer_no + 1}).status_code == 200


def test_a_supervisor_takes_from_the_queue_and_assigns(console: Open, world: World) -> None:
    ticket_id = world.open_ticket()  # nobody is there: the supervisor queue
    boss = console("boss")
    queued = boss.get("/tickets", scope="queue")["items"]
    assert [(row["id"], row["holder"]["kind"]) for row in queued] == [(ticket_id, "supervisor_queue")]
    assert boss.get(f"/tickets/{ticket_id}")["allowed_actions"].count("assign") == 1
    page = boss.post(f"/tickets/{ticket_id}/assign", {"person_id": world.ids["cid"]}).json()
    assert page["ticket"]["holder"]["person_name"] == "Cid"
    assert console("cid").get("/tickets")["items"][0]["id"] == ticket_id


def test_work_is_not_assigned_to_who_is_not_there_any_more(console: Open, world: World) -> None:
    ticket_id = world.open_ticket()
    world.services.people.deactivate(world.ids["cid"])
    boss = console("boss")
    for person_id in (world.ids["cid"], "0" * 32):
        answer = boss.post(f"/tickets/{ticket_id}/assign", {"person_id": person_id})
        assert (answer.status_code, code_of(answer)) == (404, "person.not_found")


def test_lists_go_page_by_page_open_work_first_and_are_filtered(console: Open, world: World, clock: FixedClock) -> None:
    ids = []
    for _ in range(5):
        ids.append(world.open_ticket())
        clock.advance(timedelta(seconds=1))
    boss = console("boss")
    boss.post(f"/tickets/{ids[4]}/assign", {"person_id": world.ids["boss"]})
    boss.post(f"/tickets/{ids[4]}/resolve", {"resolution": "done"})
    seen, cursor = [], None
    while True:
        page = boss.get("/tickets", scope="all", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [ids[3], ids[2], ids[1], ids[0], ids[4]]
    number = boss.get(f"/tickets/{ids[1]}")["ticket"]["number"]
    assert [row["id"] for row in boss.get("/tickets", scope="all", text=number)["items"]] == [ids[1]]
    assert [row["id"] for row in boss.get("/tickets", scope="all", holder=world.ids["boss"])["items"]] == [ids[4]]
    assert len(boss.get("/tickets", scope="all", status=["new", "accepted"])["items"]) == 4
    assert boss.get("/tickets", scope="all", text="%")["items"] == []


@ONE_DATABASE
@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzFd", "Ww", "W1tbW1tb", "é"])
def test_a_cursor_this_house_did_not_write_is_refused(console: Open, cursor: str) -> None:
    answer = console("ann").http.get("/tickets", params={"cursor": cursor})
    assert (answer.status_code, code_of(answer)) == (422, "request.bad_cursor")
