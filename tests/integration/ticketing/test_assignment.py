"""Assignment with a real database: the ladder, presence, the queue, orders of a supervisor."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kit.events import Event
from tests.integration.ticketing.scene import ACCEPT, AWAY, RESOLVE, SUE, Scene
from ticketing.domain.assignment import HolderKind, OfferOutcome, SeatRole
from ticketing.domain.errors import NoIntakeDesk, NotTheHolder, PersonUnknown, TicketActionNotAllowed, TicketNotFound
from ticketing.domain.events import TicketChanged
from ticketing.domain.lifecycle import TicketStatus
from ticketing.domain.ticket import Actor

BOTH = ("ann", "bob")


def test_a_new_ticket_is_offered_to_a_in_the_same_step(desk: Scene, facts: list[Event]) -> None:
    facts.clear()
    ticket = desk.tickets.ticket(desk.open())
    assert (ticket.status, ticket.holder_person_id, ticket.holder_role) == (TicketStatus.NEW, "ann", SeatRole.A)
    assert ticket.offer_expires_at == desk.clock.now() + timedelta(seconds=180)
    assert desk.story(ticket.id) == ["created", "offered"]
    assert facts == [TicketChanged(ticket.id)] * 2


def test_a_silent_then_b_silent_then_the_supervisors_with_an_alarm(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(180, seen=BOTH)
    assert desk.tickets.expire_offers() == 1
    assert desk.holder(ticket_id) == "bob"
    desk.wait(180, seen=BOTH)
    assert desk.tickets.expire_offers() == 1
    assert desk.tickets.ticket(ticket_id).holder_kind is HolderKind.SUPERVISOR_QUEUE
    assert desk.story(ticket_id) == ["created", "offered", "missed", "offered", "missed", "queued"]
    last = desk.rows(ticket_id)[-1]
    assert last.details == {"alarm": True, "reason": "nobody_accepted", "skipped": [], "round": 1}
    assert [offer.outcome for offer in desk.offers(ticket_id)] == [OfferOutcome.MISSED, OfferOutcome.MISSED]


def test_an_offer_that_still_runs_is_left_alone(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(44)
    desk.wait(44, seen=BOTH)
    assert desk.tickets.expire_offers() == 0
    assert desk.holder(ticket_id) == "ann"


def test_who_left_before_accepting_is_passed_over_before_his_time_is_up(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.go("ann")
    assert desk.tickets.expire_offers() == 0
    desk.wait(45, seen=("bob",))
    desk.wait(0)
    assert desk.tickets.expire_offers() == 1
    assert desk.holder(ticket_id) == "bob"
    assert [row.details["reason"] for row in desk.rows(ticket_id) if row.action == "missed"] == ["left"]


def test_who_left_after_accepting_keeps_the_ticket(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    desk.go("ann")
    desk.wait(100_000)
    assert desk.tickets.expire_offers() == 0
    assert desk.tickets.drain_queue() == 0
    assert desk.holder(ticket_id) == "ann"


def test_people_passed_over_stand_in_the_timeline_with_the_reason(scene: Scene) -> None:
    seat_1, seat_2 = scene.add_pair("ann", "bob"), scene.add_pair("cai", "dan")
    scene.come("bob", "dan")
    scene.duty.set_presence("bob", AWAY)
    ticket_id = scene.open()
    assert scene.holder(ticket_id) == "dan"
    assert scene.rows(ticket_id)[-1].details["skipped"] == [
        {"person_id": "ann", "seat_id": seat_1, "role": "a", "reason": "absent"},
        {"person_id": "bob", "seat_id": seat_1, "role": "b", "reason": "busy"},
        {"person_id": "cai", "seat_id": seat_2, "role": "a", "reason": "absent"},
    ]


def test_a_person_at_capacity_is_passed_over_and_asked_again_after_resolving(desk: Scene) -> None:
    first = [desk.open(f"+861390000010{n}") for n in range(3)]
    assert {desk.holder(ticket_id) for ticket_id in first} == {"ann"}
    assert desk.holder(desk.open("+8613900000110")) == "bob"
    desk.resolve(first[0])
    assert desk.holder(desk.open("+8613900000111")) == "ann"


def test_the_least_loaded_pair_gets_the_next_ticket_and_ties_go_to_the_longest_idle(scene: Scene) -> None:
    scene.add_pair("ann", "bob")
    scene.add_pair("cai", "dan")
    scene.come("ann", "bob", "cai", "dan")
    first = scene.open("+8613900000101")
    scene.wait(1)
    second = scene.open("+8613900000102")
    assert (scene.holder(first), scene.holder(second)) == ("ann", "cai")
    scene.wait(1)
    scene.resolve(second)
    scene.wait(1)
    scene.resolve(first)
    scene.wait(1)
    assert scene.holder(scene.open("+8613900000103")) == "cai"


def test_a_repeated_caller_goes_to_the_seat_that_has_his_ticket(scene: Scene) -> None:
    scene.add_pair("ann", "bob")
    scene.add_pair("cai", "dan")
    scene.come("ann", "bob", "cai", "dan")
    scene.open("+8613900000101")
    mine = scene.open("13900000001")
    assert scene.holder(mine) == "cai"
    scene.resolve(mine)
    scene.open("+8613900000102")
    assert scene.holder(scene.open("+8613900000001")) == "cai"


def test_callers_who_withhold_their_number_are_not_taken_for_one(scene: Scene) -> None:
    scene.add_pair("ann", "bob")
    scene.add_pair("cai", "dan")
    scene.come("ann", "bob", "cai", "dan")
    first = scene.open("anonymous")
    scene.wait(1)
    second = scene.open("anonymous")
    assert (scene.holder(first), scene.holder(second)) == ("ann", "cai")
    assert scene.tickets.open_tickets_of("anonymous") == []


def test_a_ticket_of_the_night_is_offered_as_soon_as_somebody_comes(scene: Scene) -> None:
    scene.add_pair("ann", "bob")
    tickets = [scene.open(), scene.open("+8613900000102")]
    assert scene.tickets.drain_queue() == 0
    assert [scene.story(ticket_id) for ticket_id in tickets] == [["created", "queued"]] * 2
    scene.come("bob")
    assert scene.tickets.drain_queue() == 2
    assert [scene.holder(ticket_id) for ticket_id in tickets] == ["bob", "bob"]
    assert scene.story(tickets[0]) == ["created", "queued", "offered"]


def test_what_somebody_was_asked_for_stays_with_the_supervisors_at_the_end_of_the_ladder(desk: Scene) -> None:
    desk.go("bob")
    ticket_id = desk.open()
    desk.wait(180, seen=("ann",))
    desk.tickets.expire_offers()
    desk.come("ann", "bob")
    assert desk.tickets.drain_queue() == 0
    assert desk.holder(ticket_id) is None


def test_a_supervisor_gives_a_queued_ticket_to_a_person_who_then_has_it_accepted(scene: Scene) -> None:
    seat_id = scene.add_pair("ann", "bob")
    ticket_id = scene.open()
    scene.tickets.assign(ticket_id, "bob", SUE, "请你处理")
    ticket = scene.tickets.ticket(ticket_id)
    assert (ticket.status, ticket.holder_person_id, ticket.holder_seat_id) == (TicketStatus.ACCEPTED, "bob", seat_id)
    assert ticket.is_accepted
    row = scene.rows(ticket_id)[-1]
    assert (row.action, row.actor_person_id, row.to_person_id, row.note) == ("assign", "sue", "bob", "请你处理")


def test_a_supervisor_takes_over_an_offered_ticket_and_resolves_it(desk: Scene) -> None:
    ticket_id = desk.open()
    with pytest.raises(NotTheHolder):
        desk.tickets.act(ticket_id, ACCEPT, SUE)
    desk.tickets.assign(ticket_id, "sue", SUE)
    assert [offer.outcome for offer in desk.offers(ticket_id)] == [OfferOutcome.WITHDRAWN]
    desk.tickets.act(ticket_id, RESOLVE, SUE, "已答复")
    assert desk.tickets.ticket(ticket_id).status is TicketStatus.RESOLVED


def test_an_assigned_ticket_is_not_moved_by_any_tick(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.tickets.assign(ticket_id, "sue", SUE)
    desk.wait(100_000)
    assert desk.tickets.expire_offers() + desk.tickets.drain_queue() == 0
    assert desk.holder(ticket_id) == "sue"


def test_only_a_supervisor_assigns_and_only_to_a_person_that_exists(desk: Scene) -> None:
    ticket_id = desk.open()
    with pytest.raises(NotTheHolder):
        desk.tickets.assign(ticket_id, "bob", Actor("ann"))
    with pytest.raises(TicketNotFound):
        desk.tickets.assign(ticket_id, "bob", Actor("bob"))
    with pytest.raises(PersonUnknown):
        desk.tickets.assign(ticket_id, "nobody", SUE)
    assert desk.holder(ticket_id) == "ann"


def test_a_resolved_ticket_is_not_assigned_any_more(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.resolve(ticket_id)
    with pytest.raises(TicketActionNotAllowed):
        desk.tickets.assign(ticket_id, "bob", SUE)


def test_without_an_intake_desk_the_ticket_waits_for_one(scene: Scene) -> None:
    with scene.db.transaction() as tx:
        tx.session.execute(text("UPDATE desk SET is_intake = false"))
    message = scene.add_message()
    with pytest.raises(NoIntakeDesk):
        scene.tickets.open_ticket(message)
    scene.duty.add_desk("夜间席组", is_intake=True)
    assert scene.tickets.open_ticket(message)
