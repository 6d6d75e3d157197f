"""Calls with people over the API: a call pops up at the person it concerns, and only there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.views.seat_calls import ring_facts
from ivr.domain.call import CallDirection
from ivr.domain.call_record import CallStart
from kit.clock import FixedClock
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
    return _until(feed, "seat_call.changed")


def _until(feed: Feed, kind: str) -> dict[str, Any]:
    for _ in range(50):  # a feed is never silent: it is pinged
        message = feed.next()
        if message.get("kind") == kind:
            return message
    raise AssertionError(f"no {kind}")


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
        for _ in range(2):  # a round of the feed tells tickets before calls: with the second, the first one's is over
            calls_heard_of(feed, until=world.open_ticket())
        world.services.ivr.emergency_heard(call_id, ["着火"])
        assert _until_hinted(feed)["call_id"] == call_id  # nothing else has happened since: it is for this
    assert ann.get("/seat-calls/mine")["emergency_words"] == ["着火"]


def test_orders_wait_for_the_process_of_the_talk_and_say_who_gave_them(console: Open, world: World) -> None:
    talks(world, "ann")
    ann = console("ann")
    assert ann.post("/seat-calls/call1/orders", {"kind": "hold"}).status_code == 204
    assert ann.post("/seat-calls/call1/orders", {"kind": "invite", "target": "119"}).status_code == 204
    calls = world.services.seat_calls
    assert calls.orders_for("telephony-2") == []
    given = [GivenOrder(1, "call1", "hold", ""), GivenOrder(2, "call1", "invite", "119")]
    assert [calls.orders_for(HERE) for _ in range(2)] == [given, given], "until it is said that they have arrived"
    calls.note_taken({1})
    assert calls.orders_for(HERE) == given[1:]


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
        ("ann", {"kind": "invite"}, 403, "seat_call.number_not_allowed"),
        ("ann", {"kind": "invite", "target": "+85221800000"}, 403, "seat_call.number_not_allowed"),
        ("ann", {"kind": "invite", "target": "0085221800000"}, 403, "seat_call.number_not_allowed"),
        ("ann", {"kind": "invite", "target": "16812345"}, 403, "seat_call.number_not_allowed"),
    ],
)
def test_orders_of_others_and_garbage_are_refused(
    console: Open, world: World, login: str, body: dict[str, str], status: int, code: str
) -> None:
    talks(world, "ann")
    answer = console(login).post("/seat-calls/call1/orders", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert world.services.seat_calls.orders_for(HERE) == []


@pytest.mark.parametrize("number", ["+85221800000", "0085221800000"])
def test_a_number_that_may_not_be_dialled_is_nobodys_phone_either(console: Open, world: World, number: str) -> None:
    answer = console("ann").http.put("/me/phone", json={"phone": number})
    assert (answer.status_code, answer.json()["code"]) == (403, "seat_call.number_not_allowed")


def test_a_supervisor_listens_at_his_own_phone(console: Open, world: World) -> None:
    talks(world, "ann")
    world.be_available("boss")
    boss = console("boss")
    assert boss.http.put("/me/phone", json={"phone": "sip:boss@pbx.example"}).json()["phone"] == "sip:boss@pbx.example"
    assert boss.post("/seat-calls/call1/orders", {"kind": "listen"}).status_code == 204
    assert world.services.seat_calls.orders_for(HERE) == [GivenOrder(1, "call1", "listen", "sip:boss@pbx.example")]


def test_a_supervisor_is_told_why_he_hears_nothing_and_nobody_else_is(console: Open, world: World) -> None:
    talks(world, "ann")
    world.be_available("boss")
    world.services.duty.set_phone(world.ids["boss"], "sip:boss@pbx.example")
    boss = console("boss")
    for kind in ("listen", "whisper", "barge"):
        boss.post("/seat-calls/call1/orders", {"kind": kind})
    calls = world.services.seat_calls
    listen, whisper, _ = calls.orders_for(HERE)
    calls.fail_order(listen.number, "busy")
    calls.fail_order(whisper.number, "hung_up")
    failed = [(order["kind"], order["code"]) for order in boss.get("/seat-calls")["failed_orders"]]
    assert failed == [("whisper", "seat_order.hung_up"), ("listen", "seat_order.busy")]
    assert console("admin").get("/seat-calls")["failed_orders"] == []
    assert "busy" not in str(console("ann").get("/seat-calls/mine"))


def test_an_order_that_the_end_of_the_talk_overtook_is_told_as_such(console: Open, world: World) -> None:
    talks(world, "ann")
    boss = console("boss")
    boss.post("/seat-calls/call1/orders", {"kind": "listen"})
    assert boss.get("/seat-calls")["failed_orders"] == []  # it may still be taken
    world.services.seat_calls.end_talk("call1")
    (failed,) = boss.get("/seat-calls")["failed_orders"]
    assert (failed["call_id"], failed["code"]) == ("call1", "seat_order.talk_over")
    later = boss.post("/seat-calls/call1/orders", {"kind": "listen"})
    assert (later.status_code, later.json()["code"]) == (409, "seat_call.moved_on")


def test_who_passed_a_call_on_writes_up_his_part_and_the_call_log_keeps_everybodys(
    console: Open, world: World, clock: FixedClock
) -> None:
    call_id = world.leave_call()
    talks(world, "ann", call_id)
    seat_calls, desk_id = world.services.seat_calls, world.desk_id
    seat_calls.transfer(call_id, desk_id)  # the same desk will do
    ann, boss = console("ann"), console("boss")
    assert (ann.get("/seat-calls/mine")["status"], ann.get("/seat-calls/mine")["talk"]) == ("wrap_up", {})
    board = boss.get("/seat-calls")
    assert (board["waiting"], board["wrapping_up"]) == (1, 1)
    assert [(call["status"], call["person"] and call["person"]["display_name"]) for call in board["calls"]] == [
        ("waiting", None),
        ("wrap_up", "Ann"),
    ]
    world.be_available("ben")
    world.services.duty.set_phone(world.ids["ben"], "sip:ben@pbx.example")
    (offer,) = seat_calls.offer_next(HERE)
    clock.advance(timedelta(seconds=60))
    seat_calls.accept(call_id, offer.offer_no)
    assert boss.get("/seat-calls")["answered_at_once"] == 1  # he was, though not by the one he talks with now
    seat_calls.end_talk(call_id)
    ann.post(f"/seat-calls/{call_id}/wrap-up", {"code": "transferred", "note": "转给同事"})
    assert ann.get("/seat-calls/mine") is None
    wrap_ups = boss.get(f"/calls/{call_id}")["wrap_ups"]
    assert [(each["person"]["display_name"], each["code"], each["note"]) for each in wrap_ups] == [
        ("Ann", "transferred", "转给同事"),
        ("Ben", None, None),
    ]


def test_a_ringing_phone_with_a_screen_is_told_who_calls(world: World) -> None:
    world.be_available("ann")
    ticket_id = world.open_ticket()
    call_id = world.leave_call()
    rings(world, "ann", call_id)
    with world.services.db.reading() as session:
        facts = ring_facts(session, call_id)
    joined_at = world.services.seat_calls.seat_call(call_id).joined_at
    assert facts == {
        "caller": CALLER,
        "line": "12345",
        "waiting_since": joined_at.isoformat(),
        "ticket": world.services.tickets.ticket(ticket_id).number,
    }


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
    states = ("free", "ringing", "talking", "wrapping_up", "away", "offline")
    assert [board["seats"][name] for name in states] == [0, 0, 1, 0, 0, 1]
    world.be_available("ben")
    assert console("boss").get("/seat-calls")["seats"]["free"] == 1
    assert console("ann").http.get("/seat-calls").status_code == 403
