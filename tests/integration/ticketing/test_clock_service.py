"""Warnings and breaches once each, schedulers that were away or are two, new rules for open tickets."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from kit.db import Database
from tests.integration.ticketing.scene import ACCEPT, CLOCKS, NOTE, POLICY, Scene
from tests.support.threads import run_together
from ticketing.domain.clocks import ClockRules, ClockSpec
from ticketing.domain.lifecycle import TicketAction
from ticketing.domain.ticket import Actor
from ticketing.models import TicketClock
from ticketing.service import TicketService

ACCEPT_CLOCK, ANSWER_CLOCK, _ = CLOCKS.specs
WARNING = ClockRules((ACCEPT_CLOCK, replace(ANSWER_CLOCK, warn_share=0.5)), "warning")
SHORTER = ClockRules((replace(ANSWER_CLOCK, limit=timedelta(hours=1)),), "shorter")


def under(scene: Scene, rules: ClockRules) -> TicketService:
    """The same hotline, started again with other rules."""
    scene.tickets = TicketService(scene.db, scene.clock, replace(POLICY, clocks=rules))
    return scene.tickets


def notes(scene: Scene, ticket_id: str) -> list[tuple[str, str]]:
    return [(row.action, row.details["clock"]) for row in scene.rows(ticket_id) if row.action in ("warned", "breached")]


def test_a_warning_comes_once_and_before_its_breach(desk: Scene) -> None:
    clocks = under(desk, WARNING).clocks
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    desk.wait(12 * 3600 + 1)
    assert (clocks.tick(), clocks.tick()) == (1, 0)
    answer = desk.clocks(ticket_id)[-1]
    assert answer.warned_at == answer.started_at + timedelta(hours=12)
    desk.wait(12 * 3600)
    assert (clocks.tick(), clocks.tick()) == (1, 0)
    assert notes(desk, ticket_id) == [("warned", "answer"), ("breached", "answer")]
    assert list(clocks.mismatches()) == []


def test_after_a_day_without_a_scheduler_breaches_are_at_their_due_times_and_nothing_is_warned_of(desk: Scene) -> None:
    clocks = under(desk, WARNING).clocks
    ticket_id = desk.open()
    desk.wait(30 * 3600)
    assert clocks.tick() == 2
    assert notes(desk, ticket_id) == [("breached", "accept"), ("breached", "answer")]
    assert all(clock.breached_at == clock.due_at for clock in desk.clocks(ticket_id))


def test_two_schedulers_note_each_thing_once(desk: Scene) -> None:
    clocks = under(desk, WARNING).clocks
    ticket_ids = [desk.open() for _ in range(3)]
    desk.wait(13 * 3600)
    counts = run_together([clocks.tick] * 4)
    assert sum(int(str(count)) for count in counts) == 6
    for ticket_id in ticket_ids:
        assert sorted(notes(desk, ticket_id)) == [("breached", "accept"), ("warned", "answer")]


def test_a_scheduler_whose_machine_was_set_back_notes_nothing_twice(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(181)
    assert desk.tickets.clocks.tick() == 1
    desk.wait(-3600)
    assert desk.tickets.clocks.tick() == 0
    desk.wait(3700)
    assert desk.tickets.clocks.tick() == 0
    assert notes(desk, ticket_id) == [("breached", "accept")]
    assert list(desk.tickets.clocks.mismatches()) == []


def test_new_rules_are_previewed_and_then_followed_once(desk: Scene) -> None:
    ticket_id, closed = desk.open(), desk.open()
    desk.resolve(closed)
    desk.tickets.start_revisit(closed, 1)
    desk.tickets.close(closed, 1, "rated")
    desk.act(ticket_id, ACCEPT, "ann")
    desk.wait(2 * 3600)
    before = desk.clocks(ticket_id), desk.clocks(closed)
    changes = {change.kind: change for change in desk.tickets.clocks.preview(SHORTER)}
    assert (desk.clocks(ticket_id), desk.clocks(closed)) == before, "a preview writes nothing"
    assert {kind: (change.was_late, change.is_late) for kind, change in changes.items()} == {
        "accept": (False, False),
        "answer": (False, True),
    }
    assert changes["accept"].after is None
    clocks = under(desk, SHORTER).clocks
    assert [mismatch.ticket_id for mismatch in clocks.mismatches()] == [ticket_id]
    assert (clocks.follow_rules(), clocks.follow_rules()) == (1, 0)
    assert list(clocks.mismatches()) == []
    assert (clocks.tick(), clocks.tick()) == (1, 0)
    (answer,) = desk.clocks(ticket_id)
    assert answer.breached_at == answer.started_at + timedelta(hours=1)
    assert desk.clocks(closed) == before[1], "a closed ticket keeps the clocks it had"
    assert list(clocks.preview(SHORTER)) == []


def test_a_breach_that_new_rules_forgive_is_none_any_more_but_stays_in_the_timeline(desk: Scene) -> None:
    ticket_id = desk.open()
    desk.wait(25 * 3600)
    desk.tickets.clocks.tick()
    longer = ClockRules((replace(ANSWER_CLOCK, limit=timedelta(days=2)),), "longer")
    under(desk, longer).clocks.follow_rules()
    (answer,) = desk.clocks(ticket_id)
    assert answer.breached_at is None
    assert ("breached", "answer") in notes(desk, ticket_id)
    desk.wait(24 * 3600)
    assert desk.tickets.clocks.tick() == 1
    assert desk.clocks(ticket_id)[0].breached_at == answer.started_at + timedelta(days=2)


def test_a_pause_holds_the_clock_until_it_ends(desk: Scene) -> None:
    pausing = ClockSpec(
        "answer", ANSWER_CLOCK.starts_on, ANSWER_CLOCK.stops_on, timedelta(hours=2),
        pauses_on=frozenset({"note"}), resumes_on=frozenset({"open_original"}),
    )  # fmt: skip
    tickets = under(desk, ClockRules((pausing,), "pausing"))
    ticket_id = desk.open()
    desk.act(ticket_id, ACCEPT, "ann")
    desk.wait(3600, seen=("ann",))
    desk.act(ticket_id, NOTE, "ann", "等部件")
    desk.wait(10 * 3600)
    assert tickets.clocks.tick() == 0
    tickets.record(ticket_id, TicketAction.OPEN_ORIGINAL, Actor("ann"), "部件到了")
    (answer,) = desk.clocks(ticket_id)
    assert (answer.due_at - answer.started_at, answer.paused_at) == (timedelta(hours=12), None)
    desk.wait(3601)
    assert tickets.clocks.tick() == 1


@pytest.mark.parametrize("damage", ["due_at", "gone"])
def test_a_row_that_differs_from_its_timeline_is_found(desk: Scene, damage: str) -> None:
    ticket_id = desk.open()
    with desk.db.transaction() as tx:
        if damage == "gone":
            tx.session.execute(text("DELETE FROM ticket_clock"))
        else:
            tx.session.execute(update(TicketClock).values(due_at=desk.clock.now()))
    assert [mismatch.ticket_id for mismatch in desk.tickets.clocks.mismatches()] == [ticket_id]


def test_the_tick_reads_an_index(database: Database) -> None:
    look = "SELECT ticket_id FROM ticket_clock WHERE look_at < '2026-03-02' ORDER BY look_at LIMIT 5"
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            plan = connection.execute(text("EXPLAIN QUERY PLAN " + look))
        else:
            connection.execute(text("SET enable_seqscan = off"))  # of an empty table it would be the cheapest
            plan = connection.execute(text("EXPLAIN " + look))
        assert "ix_ticket_clock_look_at" in str(plan.all())
