"""A ticket's life with a real database: numbers, opening, people's actions, clocks, revisit and reopening."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from kit.events import Event
from tests.integration.ticketing.scene import ACCEPT, CALLER, NOTE, RESOLVE, SUE, Scene
from ticketing.domain.errors import (
    NotTheHolder,
    OfferGone,
    TextMissing,
    TicketActionNotAllowed,
    TicketNotFound,
)
from ticketing.domain.events import TicketChanged, TicketResolved
from ticketing.domain.lifecycle import RULES, TicketAction, TicketStatus
from ticketing.domain.ticket import Actor, TextSource
from ticketing.models import TicketNumber
from ticketing.service import NewTicket

BOTH = ("ann", "bob")


def test_numbers_count_from_one_on_each_day_of_the_city(scene: Scene) -> None:
    assert [scene.tickets.reserve_number(source) for source in ("c1", "c2")] == ["26030200001", "26030200002"]
    scene.clock.advance(datetime(2026, 3, 2, 16, 0, tzinfo=UTC) - scene.clock.now())
    assert scene.tickets.reserve_number("c3") == "26030300001"


def test_asking_twice_gives_the_same_number(scene: Scene) -> None:
    assert scene.tickets.reserve_number("c1") == scene.tickets.reserve_number("c1")


def test_a_ticket_bears_the_number_its_caller_was_told(desk: Scene) -> None:
    new = desk.add_message()
    told = desk.tickets.reserve_number(new.reserved_for)
    ticket = desk.tickets.ticket(desk.tickets.open_ticket(new))
    assert ticket.number == told
    with desk.db.reading() as session:
        assert session.scalars(select(TicketNumber.is_used)).all() == [True]


def test_one_message_gives_one_ticket_however_often_it_is_opened(desk: Scene, facts: list[Event]) -> None:
    new = desk.add_message()
    first = desk.tickets.open_ticket(new)
    facts.clear()
    assert desk.tickets.open_ticket(new) == first
    assert facts == []
    assert desk.story(first) == ["created", "offered"]


def test_the_caller_is_kept_as_a_normalised_number_and_finds_his_open_tickets_newest_first(desk: Scene) -> None:
    older = desk.open("13900000001")
    desk.wait(1)
    newer = desk.open("+8613900000001")
    assert [ticket.id for ticket in desk.tickets.open_tickets_of("139 0000 0001")] == [newer, older]
    desk.resolve(older)
    desk.tickets.start_revisit(older, 1)
    desk.tickets.close(older, 1, "rated")
    assert [ticket.id for ticket in desk.tickets.open_tickets_of(CALLER)] == [newer]
    assert desk.tickets.open_tickets_of("13900000002") == []


def test_accept_note_and_resolve_by_the_holder(desk: Scene, facts: list[Event]) -> None:
    ticket_id = desk.open()
    accepted = desk.act(ticket_id, ACCEPT, "ann")
    assert (accepted.status, accepted.is_accepted) == (TicketStatus.ACCEPTED, True)
    desk.act(ticket_id, NOTE, "ann", " 已联系路灯所 ")
    facts.clear()
    resolved = desk.act(ticket_id, RESOLVE, "ann", "已修好")
    assert (resolved.status, resolved.resolution) == (TicketStatus.RESOLVED, "已修好")
    assert resolved.resolved_at == desk.clock.now()
    assert facts == [TicketChanged(ticket_id), TicketResolved(ticket_id, 1)]
    assert [(row.action, row.actor_person_id, row.note) for row in desk.rows(ticket_id)[2:]] == [
        ("accept", "ann", None),
        ("note", "ann", "已联系路灯所"),
        ("resolve", "ann", "已修好"),
    ]


def test_who_was_asked_and_is_late_hears_that_the_offer_is_gone(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(180, seen=BOTH)
    desk.tickets.expire_offers()
    with pytest.raises(OfferGone):
        desk.act(ticket_id, ACCEPT, "ann")
    assert desk.act(ticket_id, ACCEPT, "bob").holder_person_id == "bob"


def test_until_the_offer_has_moved_it_is_not_too_late(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(500, seen=BOTH)
    assert desk.act(ticket_id, ACCEPT, "ann").status is TicketStatus.ACCEPTED


def test_an_accept_that_names_another_offer_is_refused(desk: Scene) -> None:
    ticket = desk.tickets.ticket(desk.open())
    with pytest.raises(OfferGone):
        desk.tickets.act(ticket.id, ACCEPT, Actor("ann"), offer_no=ticket.offer_no - 1)
    desk.tickets.act(ticket.id, ACCEPT, Actor("ann"), offer_no=ticket.offer_no)


@pytest.mark.parametrize("action", [ACCEPT, NOTE, RESOLVE])
def test_a_ticket_that_is_not_his_does_not_exist_for_a_person(desk: Scene, action: TicketAction) -> None:
    ticket_id = desk.open()
    with pytest.raises(TicketNotFound):
        desk.act(ticket_id, action, "bob", "文字")
    with pytest.raises(TicketNotFound):
        desk.tickets.visible_ticket(ticket_id, Actor("bob"))
    with pytest.raises(TicketNotFound):
        desk.act("0" * 32, action, "ann", "文字")


def test_who_accepted_once_still_sees_the_ticket_after_it_moved_but_changes_nothing(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    desk.tickets.assign(ticket_id, "bob", SUE)
    assert desk.tickets.visible_ticket(ticket_id, Actor("ann")).holder_person_id == "bob"
    with pytest.raises(NotTheHolder):
        desk.act(ticket_id, RESOLVE, "ann", "已修好")


@pytest.mark.parametrize(("action", "text"), [(NOTE, ""), (NOTE, "  "), (RESOLVE, ""), (RESOLVE, "\n")])
def test_a_note_and_a_resolution_say_something(desk: Scene, action: TicketAction, text: str) -> None:
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    with pytest.raises(TextMissing):
        desk.act(ticket_id, action, "ann", text)


@pytest.mark.parametrize("action", sorted({rule.action for rule in RULES if not rule.who}))
def test_no_person_acts_for_the_system(desk: Scene, action: TicketAction) -> None:
    ticket_id = desk.open()
    with pytest.raises(TicketActionNotAllowed):
        desk.tickets.act(ticket_id, action, SUE, "文字")


def test_the_offered_actions_are_those_the_service_lets_pass(desk: Scene) -> None:
    ticket = desk.tickets.ticket(desk.open())
    assert set(desk.tickets.allowed_actions(ticket, Actor("ann"))) == {ACCEPT, NOTE}
    said = {TicketAction.OPEN_ORIGINAL, TicketAction.CORRECT, TicketAction.DECIDE_SLOT, TicketAction.KEEP_CONFIDENTIAL}
    pressing = {NOTE, TicketAction.ASSIGN, TicketAction.EXPEDITE}
    assert set(desk.tickets.allowed_actions(ticket, SUE)) == said | pressing
    assert desk.tickets.allowed_actions(ticket, Actor("bob")) == ()
    accepted = desk.act(ticket.id, ACCEPT, "ann")
    sending = {TicketAction.CONFIRM, TicketAction.DISPATCH, TicketAction.OPEN_GRABBING}
    assert set(desk.tickets.allowed_actions(accepted, Actor("ann"))) == said | sending | {NOTE, RESOLVE}


def test_only_what_is_recorded_can_be_recorded(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    for action in sorted(set(TicketAction) - {TicketAction.OPEN_ORIGINAL, TicketAction.DECIDE_SLOT}):
        with pytest.raises(TicketActionNotAllowed):
            desk.tickets.record(ticket_id, action, Actor("ann"))
    with pytest.raises(TicketNotFound):
        desk.tickets.record(ticket_id, TicketAction.OPEN_ORIGINAL, Actor("bob"))


def test_each_correction_reaches_the_ticket_once_and_late_ones_do_not_undo_newer(desk: Scene) -> None:
    ticket_id = desk.open()
    assert desk.tickets.correct_text(ticket_id, 1, "一", "ann")
    assert desk.tickets.correct_text(ticket_id, 2, "二", "ann")
    assert not desk.tickets.correct_text(ticket_id, 1, "一", "ann")
    ticket = desk.tickets.ticket(ticket_id)
    assert (ticket.text, ticket.text_source) == ("二", TextSource.CORRECTED)


def test_clocks_run_from_the_opening_and_stop_with_their_facts(desk: Scene) -> None:
    ticket_id = desk.open()
    opened = desk.clock.now()
    desk.wait(60)
    desk.act(ticket_id, ACCEPT, "ann")
    accepted = desk.clock.now()
    desk.wait(60)
    desk.act(ticket_id, RESOLVE, "ann", "已修好")
    assert [(clock.kind, clock.due_at - opened, clock.stopped_at) for clock in desk.clocks(ticket_id)] == [
        ("accept", timedelta(seconds=180), accepted),
        ("answer", timedelta(days=1), desk.clock.now()),
    ]


def test_a_breach_is_noted_once_at_the_time_it_was_due(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(180)
    assert desk.tickets.clocks.tick() == 0
    desk.wait(1)
    assert desk.tickets.clocks.tick() == 1
    assert desk.tickets.clocks.tick() == 0
    clock = desk.clocks(ticket_id)[0]
    assert clock.breached_at == clock.due_at
    assert desk.rows(ticket_id)[-1].details["clock"] == "accept"


def test_a_clock_stopped_late_is_a_breach_even_if_no_tick_saw_it(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(200, seen=BOTH)
    desk.act(ticket_id, ACCEPT, "ann")
    assert desk.story(ticket_id)[-2:] == ["accept", "breached"]
    assert desk.tickets.clocks.tick() == 0


def resolved(desk: Scene) -> str:
    ticket_id = desk.open()
    desk.resolve(ticket_id)
    return ticket_id


def test_a_content_citizen_closes_the_ticket_once(desk: Scene) -> None:
    ticket_id = resolved(desk)
    assert desk.tickets.start_revisit(ticket_id, 1)
    assert not desk.tickets.start_revisit(ticket_id, 1)
    assert desk.tickets.close(ticket_id, 1, "rated")
    assert not desk.tickets.close(ticket_id, 1, "rated")
    assert not desk.tickets.start_revisit(ticket_id, 1)
    ticket = desk.tickets.ticket(ticket_id)
    assert (ticket.status, ticket.closed_at) == (TicketStatus.CLOSED, desk.clock.now())
    assert desk.story(ticket_id)[-2:] == ["start_revisit", "close"]


def test_an_unhappy_citizen_gets_a_new_round_with_fresh_clocks_and_a_fresh_offer(desk: Scene) -> None:
    ticket_id = resolved(desk)
    desk.tickets.start_revisit(ticket_id, 1)
    desk.wait(3600, seen=BOTH)
    assert desk.tickets.reopen(ticket_id, 1, "not_solved")
    assert not desk.tickets.reopen(ticket_id, 1, "not_solved")
    assert not desk.tickets.close(ticket_id, 1, "rated")
    ticket = desk.tickets.ticket(ticket_id)
    assert (ticket.status, ticket.round, ticket.resolution) == (TicketStatus.REOPENED, 2, None)
    assert (ticket.holder_person_id, ticket.is_accepted) == ("ann", False)
    assert [(clock.kind, clock.started_at) for clock in desk.clocks(ticket_id) if clock.round == 2] == [
        ("accept", desk.clock.now()),
        ("answer", desk.clock.now()),
    ]
    assert desk.story(ticket_id)[-2:] == ["reopen", "offered"]
    assert [offer.round for offer in desk.offers(ticket_id)] == [1, 2]


def test_the_second_round_is_resolved_and_closed_under_its_own_number(desk: Scene, facts: list[Event]) -> None:
    ticket_id = resolved(desk)
    desk.tickets.start_revisit(ticket_id, 1)
    desk.tickets.reopen(ticket_id, 1, "not_solved")
    desk.resolve(ticket_id)
    assert facts[-1] == TicketResolved(ticket_id, 2)
    assert not desk.tickets.start_revisit(ticket_id, 1)
    assert desk.tickets.start_revisit(ticket_id, 2)
    assert desk.tickets.close(ticket_id, 2, "rated")


@pytest.mark.parametrize("too_early", ["start_revisit", "close", "reopen"])
def test_a_system_move_before_its_time_is_refused(desk: Scene, too_early: str) -> None:
    ticket_id = desk.open()
    reason = () if too_early == "start_revisit" else ("rated",)
    with pytest.raises(TicketActionNotAllowed):
        getattr(desk.tickets, too_early)(ticket_id, 1, *reason)
    with pytest.raises(TicketNotFound):
        getattr(desk.tickets, too_early)("0" * 32, 1, *reason)


def test_a_round_that_has_not_begun_is_refused(desk: Scene) -> None:
    ticket_id = resolved(desk)
    with pytest.raises(TicketActionNotAllowed):
        desk.tickets.start_revisit(ticket_id, 2)


def test_a_failed_step_leaves_no_trace_and_tells_nobody(desk: Scene, facts: list[Event]) -> None:
    ticket_id = desk.open()
    facts.clear()
    before = desk.tickets.ticket(ticket_id)
    with pytest.raises(TicketNotFound):
        desk.act(ticket_id, ACCEPT, "bob")
    assert desk.tickets.ticket(ticket_id) == before
    assert facts == []


def test_every_move_is_logged_with_from_action_to_and_by_but_without_number_and_words(desk: Scene) -> None:
    with capture_logs() as lines:
        ticket_id = desk.open()
        desk.act(ticket_id, ACCEPT, "ann")
        desk.act(ticket_id, NOTE, "ann", "已联系路灯所")
    moves = [line for line in lines if line["event"] == "ticketing.ticket.moved"]
    assert [(m["ticket_id"], m["from_status"], m["action"], m["to_status"], m["by"]) for m in moves] == [
        (ticket_id, None, "created", "new", "system"),
        (ticket_id, "new", "offered", "new", "system"),
        (ticket_id, "new", "accept", "accepted", "ann"),
        (ticket_id, "accepted", "note", "accepted", "ann"),
    ]
    assert "1390000" not in str(lines)
    assert "路灯" not in str(lines)


def test_what_a_new_ticket_says_is_not_shown_in_logs() -> None:
    new = NewTicket("m", CALLER, "路灯坏了", TextSource.TRANSCRIPT, reserved_for="c")
    assert "1390" not in repr(new)
    assert "路灯" not in repr(new)
