"""Several at once: whatever the order in which threads reach the database, exactly one wins."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from kit.errors import HotlineError
from tests.integration.ticketing.scene import ACCEPT, AVAILABLE, NOTE, RESOLVE, SUE, Scene
from tests.integration.ticketing.truths import check_ticket
from ticketing.domain.assignment import OfferOutcome
from ticketing.domain.errors import OfferGone, TicketActionNotAllowed
from ticketing.domain.lifecycle import TicketAction
from ticketing.domain.ticket import Actor
from ticketing.models import Ticket

BOTH = ("ann", "bob")
ROUNDS = 5


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Run all steps in threads that start together; gives each one's result or its named error."""
    start = Barrier(len(steps))

    def run(step: Callable[[], object]) -> object:
        start.wait(timeout=30)
        try:
            return step()
        except HotlineError as error:
            return error

    with ThreadPoolExecutor(len(steps)) as threads:
        return [future.result(timeout=60) for future in [threads.submit(run, step) for step in steps]]


def failures(results: Sequence[object]) -> list[object]:
    return [result for result in results if isinstance(result, HotlineError)]


def test_of_one_persons_many_clicks_one_accepts(desk: Scene) -> None:
    ticket_id = desk.open()
    click = lambda: desk.tickets.act(ticket_id, ACCEPT, Actor("ann"))  # noqa: E731
    results = at_once(*[click] * 4)
    assert len(failures(results)) == 3
    assert all(isinstance(error, OfferGone | TicketActionNotAllowed) for error in failures(results))
    assert desk.story(ticket_id).count("accept") == 1


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_accept_and_the_tick_that_takes_it_away_have_one_winner(desk: Scene, attempt: int) -> None:
    ticket_id = desk.open()
    desk.wait(180, seen=BOTH)
    accepted, moved = at_once(
        lambda: desk.tickets.act(ticket_id, ACCEPT, Actor("ann")), lambda: desk.tickets.expire_offers()
    )
    outcome = desk.offers(ticket_id)[0].outcome
    if moved:
        assert isinstance(accepted, OfferGone)
        assert (outcome, desk.holder(ticket_id)) == (OfferOutcome.MISSED, "bob")
    else:
        assert accepted is None
        assert (outcome, desk.holder(ticket_id)) == (OfferOutcome.ACCEPTED, "ann")
    check_ticket(desk.db, ticket_id)


def test_several_schedulers_move_an_offer_once(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(180, seen=BOTH)
    assert sum(int(str(moved)) for moved in at_once(*[desk.tickets.expire_offers] * 4)) == 1
    assert desk.holder(ticket_id) == "bob"
    check_ticket(desk.db, ticket_id)


def test_of_two_departments_that_grab_at_once_one_has_it(desk: Scene) -> None:
    lamps, roads = desk.add_department("lamps", "lin"), desk.add_department("roads", "rui")
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    grab, board = TicketAction.GRAB, TicketAction.OPEN_GRABBING
    desk.tickets.act(ticket_id, board, Actor("ann"), department_ids=(lamps, roads))
    desk.clock.advance(timedelta(hours=1))
    results = at_once(
        lambda: desk.tickets.act(ticket_id, grab, Actor("lin"), department_ids=(lamps,)),
        lambda: desk.tickets.act(ticket_id, grab, Actor("rui"), department_ids=(roads,)),
        desk.tickets.end_grabbing,
        desk.tickets.end_grabbing,
    )
    refused = failures(results)
    winners = [row for row in desk.rows(ticket_id) if row.action in {"grab", "end_grabbing"}]
    assert len(winners) == 1
    assert len(refused) == (2 if winners[0].action == "end_grabbing" else 1)
    assert {error.details["last_action"] for error in refused} == {winners[0].action}  # type: ignore[attr-defined]
    check_ticket(desk.db, ticket_id)


def test_several_schedulers_note_a_breach_once(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(181)
    assert sum(int(str(noted)) for noted in at_once(*[desk.tickets.clocks.tick] * 4)) == 1
    assert desk.story(ticket_id).count("breached") == 1


def test_an_order_an_accept_a_note_and_a_tick_at_once_leave_one_holder(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(180, seen=BOTH)
    at_once(
        lambda: desk.tickets.act(ticket_id, ACCEPT, Actor("ann")),
        lambda: desk.tickets.assign(ticket_id, "sue", SUE),
        lambda: desk.tickets.assign(ticket_id, "bob", SUE),
        lambda: desk.tickets.act(ticket_id, NOTE, SUE, "急"),
        lambda: desk.tickets.expire_offers(),
        lambda: desk.tickets.clocks.tick(),
    )
    check_ticket(desk.db, ticket_id)


def test_one_message_opened_many_times_at_once_is_one_ticket(desk: Scene) -> None:
    new = desk.add_message()
    results = at_once(*[lambda: desk.tickets.open_ticket(new)] * 4)
    assert len(set(map(str, results))) == 1
    with desk.db.reading() as session:
        assert session.query(Ticket).count() == 1


def test_many_calls_get_different_numbers_and_one_call_gets_one(scene: Scene) -> None:
    sources = ["c1", "c2", "c3", "c3", "c4", "c4"]
    numbers = at_once(*[lambda source=source: scene.tickets.reserve_number(source) for source in sources])
    assert len(set(map(str, numbers))) == 4
    assert numbers[2] == numbers[3]
    assert numbers[4] == numbers[5]
    assert sorted(set(map(str, numbers)))[-1].endswith("00004")


def test_tickets_arriving_at_once_do_not_exceed_anybodys_capacity(desk: Scene) -> None:
    messages = [desk.add_message(f"+861390000010{n}") for n in range(8)]
    tickets = at_once(*[lambda new=new: desk.tickets.open_ticket(new) for new in messages])
    assert failures(tickets) == []
    holders = [desk.holder(str(ticket_id)) for ticket_id in tickets]
    assert (holders.count("ann"), holders.count("bob"), holders.count(None)) == (3, 3, 2)


def test_reopening_and_closing_at_once_do_one_of_them_once(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.resolve(ticket_id)
    desk.tickets.start_revisit(ticket_id, 1)
    at_once(
        lambda: desk.tickets.close(ticket_id, 1, "rated"),
        lambda: desk.tickets.close(ticket_id, 1, "rated"),
        lambda: desk.tickets.reopen(ticket_id, 1, "not_solved"),
        lambda: desk.tickets.reopen(ticket_id, 1, "not_solved"),
    )
    story = desk.story(ticket_id)
    assert story.count("close") + story.count("reopen") == 1
    check_ticket(desk.db, ticket_id)


def test_resolving_and_taking_over_at_once_do_not_mix(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    at_once(
        lambda: desk.tickets.act(ticket_id, RESOLVE, Actor("ann"), "已修好"),
        lambda: desk.tickets.assign(ticket_id, "bob", SUE),
    )
    check_ticket(desk.db, ticket_id)


def test_two_consoles_of_one_person_come_up_at_once(scene: Scene) -> None:
    scene.add_pair("ann", "bob")
    assert failures(at_once(*[lambda: scene.duty.set_presence("ann", AVAILABLE)] * 4)) == []
    assert scene.duty.is_available("ann")


def test_of_two_overlapping_shifts_added_at_once_one_is_refused(scene: Scene) -> None:
    seat_id = scene.duty.add_seat(scene.desk_id, "受理席9")
    for person in BOTH:
        scene.add_person(person)
    add = lambda: scene.duty.add_shift(seat_id, scene.clock.now(), None, *BOTH)  # noqa: E731
    assert len(failures(at_once(add, add, add))) == 2
