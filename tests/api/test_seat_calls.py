"""Calls with people over the API: a call pops up at the person it concerns, and only there."""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.domain.call import CallDirection
from ivr.domain.call_record import CallStart
from kit.ids import new_id
from tests.api.world import CALLER, Console, Feed, World
from ticketing.domain.assignment import MissReason
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.seat_call import GivenOrder, SeatCallAction, SeatOffer

Open = Callable[[str], Console]
HERE = "telephony-1"


def rings(world: World, login: str, call_id: str = "call1") -> SeatOffer:
    """A call of CALLER that rings at this person."""
    world.be_available(login)
    world.services.duty.set_phone(world.ids[login], f"sip:{login}@pbx.example")
    world.services.seat_calls.join(call_id, CALLER, HERE)
    (offer,) = world.services.seat_calls.offer_next(HERE)
    assert offer.person_id == world.ids[login]
    return offer


def talks(world: World, login: str, call_id: str = "call1") -> None:
    assert world.services.seat_calls.accept(call_id, rings(world, login, call_id).offer_no)


def _until_hinted(feed: Feed) -> dict[str, Any]:
    """The next hint at a call, among the first messages of this feed."""
    for _ in range(50):  # a feed is never silent: it is pinged
        message = feed.next()
        if message.get("kind") == "seat_call.changed":
            return message
    raise AssertionError("no hint at a call")


def calls_heard_of(feed: Feed, until: str) -> list[str]:
    """Calls that this feed hinted at before its ticket `until`."""
    found: list[str] = []
    while True:
        message = feed.next()
        if message.get("ticket_id") == until:
            return found
        if message.get("kind") == "seat_call.changed":
            found.append(message["call_id"])


def test_a_call_pops_up_at_its_person_and_at_supervisors_only(console: Open, world: World) -> None:
    with console("ann").feed() as ann, console("ben").feed() as ben, console("boss").feed() as boss:
        rings(world, "ann")
        message = _until_hinted(ann)
        assert message == {"type": "event", "id": None, "kind": "seat_call.changed", "call_id": "call1"}
        world.services.duty.set_presence(world.ids["ann"], PresenceState.AWAY)
        world.be_available("ben")
        ticket_id = world.open_ticket()  # it goes to ben, who hears of it after all that came before
        assert set(calls_heard_of(boss, ticket_id)) == {"call1"}
        assert calls_heard_of(ben, ticket_id) == []


def test_my_call_shows_who_calls_and_what_he_has_open(console: Open, world: World) -> None:
    world.be_available("ann")
    ticket_id = world.open_ticket()
    rings(world, "ann")
    mine = console("ann").get("/seat-calls/mine")
    assert (mine["status"], mine["caller"]) == ("offered", CALLER)
    assert [ticket["id"] for ticket in mine["open_tickets"]] == [ticket_id]
    other = world.services.duty.add_desk("Taxes")
    assert console("ann").get("/seat-calls/mine")["other_desks"] == [{"id": other, "name": "Taxes"}]
    assert console("ben").get("/seat-calls/mine") is None


def test_words_of_danger_reach_the_screen_of_who_talks(console: Open, world: World) -> None:
    call_id = new_id()
    world.services.ivr.call_arrived(
        CallStart(call_id, CallDirection.INBOUND, "12345", CALLER, world.clock.now())
    )  # it lives
    talks(world, "ann", call_id)
    ann = console("ann")
    assert ann.get("/seat-calls/mine")["emergency_words"] == []
    with ann.feed() as feed:
        world.services.ivr.emergency_heard(call_id, ["着火"])
        _until_hinted(feed)
    assert ann.get("/seat-calls/mine")["emergency_words"] == ["着火"]


def test_orders_reach_the_process_of_the_talk_once_and_say_who_gave_them(console: Open, world: World) -> None:
    talks(world, "ann")
    ann = console("ann")
    assert ann.post("/seat-calls/call1/orders", {"kind": "hold"}).status_code == 204
    assert ann.post("/seat-calls/call1/orders", {"kind": "invite", "target": "119"}).status_code == 204
    calls = world.services.seat_calls
    assert calls.take_orders("telephony-2") == []
    assert calls.take_orders(HERE) == [GivenOrder("call1", "hold", ""), GivenOrder("call1", "invite", "119")]
    assert calls.take_orders(HERE) == []


@pytest.mark.parametrize(
    ("login", "body", "status", "code"),
    [
        ("ben", {"kind": "hang_up"}, 404, "seat_call.not_found"),
        ("ben", {"kind": "listen"}, 404, "seat_call.not_found"),
        ("boss", {"kind": "hang_up"}, 404, "seat_call.not_found"),
        ("ann", {"kind": "dance"}, 422, "request.invalid"),
        ("ann", {"kind": "transfer", "target": "0" * 32}, 404, "duty.desk_not_found"),
        ("ann", {"kind": "transfer"}, 404, "duty.desk_not_found"),
        ("ann", {"kind": "invite", "target": "sip:somebody@elsewhere.example"}, 422, "request.invalid"),
    ],
)
def test_orders_of_others_and_garbage_are_refused(
    console: Open, world: World, login: str, body: dict[str, str], status: int, code: str
) -> None:
    talks(world, "ann")
    answer = console(login).post("/seat-calls/call1/orders", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert world.services.seat_calls.take_orders(HERE) == []


def test_a_supervisor_listens_at_his_own_phone(console: Open, world: World) -> None:
    talks(world, "ann")
    world.be_available("boss")
    boss = console("boss")
    assert boss.http.put("/me/phone", json={"phone": "sip:boss@pbx.example"}).json()["phone"] == "sip:boss@pbx.example"
    assert boss.post("/seat-calls/call1/orders", {"kind": "listen"}).status_code == 204
    assert world.services.seat_calls.take_orders(HERE) == [GivenOrder("call1", "listen", "sip:boss@pbx.example")]


def test_nobody_gives_orders_to_a_call_that_only_rings(console: Open, world: World) -> None:
    rings(world, "ann")
    answer = console("ann").post("/seat-calls/call1/orders", {"kind": "hold"})
    assert (answer.status_code, answer.json()["code"]) == (409, "seat_call.moved_on")


def test_the_wrap_up_needs_a_code_and_frees_the_person(console: Open, world: World) -> None:
    talks(world, "ann")
    world.services.seat_calls.end_talk("call1")
    ann = console("ann")
    mine = ann.get("/seat-calls/mine")
    assert mine["status"] == "wrap_up"
    assert mine["wrap_up_due_at"] is not None
    assert ann.post("/seat-calls/call1/wrap-up", {}).status_code == 422
    assert ann.post("/seat-calls/call1/wrap-up", {"code": "whatever"}).status_code == 422
    assert ann.post("/seat-calls/call1/wrap-up", {"code": "answered", "note": "问路"}).status_code == 204
    assert ann.get("/seat-calls/mine") is None
    assert ann.post("/seat-calls/call1/wrap-up", {"code": "answered"}).status_code == 409


def test_a_missed_call_shows_why_its_person_is_away(console: Open, world: World) -> None:
    offer = rings(world, "ann")
    world.services.seat_calls.miss("call1", offer.offer_no, MissReason.SILENT)
    session = console("ann").get("/session")
    assert (session["presence"]["state"], session["presence"]["away_reason"]) == ("away", "silent")


@pytest.mark.parametrize("phone", ["", "javascript:alert(1)", "sip:", "not a phone", "sip:a b@c", "1" * 40])
def test_a_phone_that_is_none_is_refused(console: Open, world: World, phone: str) -> None:
    answer = console("ann").http.put("/me/phone", json={"phone": phone})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


def test_nobody_makes_his_calls_ring_in_another_persons_browser(console: Open, world: World) -> None:
    world.be_available("ann")
    ann = console("ann")
    own = f"browser:{world.ids['ann']}"
    assert ann.http.put("/me/phone", json={"phone": own}).json()["phone"] == own
    answer = ann.http.put("/me/phone", json={"phone": f"browser:{world.ids['ben']}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "duty.phone_of_another")
    assert ann.get("/session")["presence"]["phone"] == own


def test_the_wallboard_counts_and_is_for_supervisors(console: Open, world: World) -> None:
    talks(world, "ann")
    world.services.seat_calls.join("call2", "+8613900000002", HERE)
    world.services.seat_calls.join("call3", "+8613900000003", HERE)
    world.services.seat_calls.leave("call3", SeatCallAction.ABANDON)
    board = console("boss").get("/seat-calls")
    counts = ("waiting", "talking", "wrapping_up", "answered", "answered_at_once", "abandoned", "diverted")
    assert [board[name] for name in counts] == [1, 1, 0, 1, 1, 1, 0]
    assert [call["call_id"] for call in board["calls"]] == ["call1", "call2"]
    assert console("ann").http.get("/seat-calls").status_code == 403
