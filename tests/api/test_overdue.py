"""What the scheduler finds: every next step that was not taken, and none that was."""

from datetime import timedelta

import pytest

from app.views import overdue
from callbacks.domain.lifecycle import CallbackKind
from ivr.domain.call import CallOutcome
from ivr.models import MessageQuality
from kit.clock import FixedClock
from tests.api.world import CALLER, World
from ticketing.domain.lifecycle import TicketAction
from ticketing.models import TextSource
from ticketing.service import Actor


@pytest.fixture(autouse=True)
def _nobody_takes_the_next_step(world: World) -> None:
    """As if every process died right after its commit."""
    world.services.db.bus._subscribers.clear()


def found(world: World, find: overdue.Finder, *, after: timedelta = timedelta(minutes=1)) -> list[str]:
    with world.services.db.reading() as session:
        return find(session, world.clock.now() + after)


def resolved_ticket(world: World) -> str:
    """A ticket in `resolved` that cid handled."""
    ticket_id = world.open_ticket()
    services, boss = world.services, Actor(world.ids["boss"], is_supervisor=True)
    services.tickets.assign(ticket_id, world.ids["cid"], boss)
    services.tickets.act(ticket_id, TicketAction.RESOLVE, Actor(world.ids["cid"]), "done")
    return ticket_id


def satisfaction_task(world: World, ticket_id: str) -> str:
    schedule = world.services.callbacks.schedule_satisfaction
    return schedule(ticket_id, "n", 1, "anonymous", world.ids["cid"])  # no number: with people at once


def test_messages_without_transcript(world: World) -> None:
    left = world.leave_message(is_recognised=False)
    world.leave_message()
    world.leave_message(is_recognised=False, quality=MessageQuality.SILENT)
    assert found(world, overdue.messages_without_transcript) == [left.message_id]
    assert found(world, overdue.messages_without_transcript, after=-timedelta(minutes=1)) == []


def test_messages_kept_waiting_longer_than_patience_and_their_own_length(world: World) -> None:
    patience = timedelta(seconds=60)

    def kept_waiting(world: World, after: timedelta) -> list[str]:
        with world.services.db.reading() as session:
            return overdue.messages_kept_waiting(session, world.clock.now() + after, patience=patience)

    left = world.leave_message(is_recognised=False)  # of one second
    world.leave_message()
    world.open_ticket(world.leave_message(is_recognised=False), TextSource.PENDING_TRANSCRIPT)
    assert kept_waiting(world, timedelta(seconds=60.9)) == []
    assert kept_waiting(world, timedelta(seconds=61.1)) == [left.message_id]


def test_messages_whose_text_came_after_their_ticket(world: World) -> None:
    late = world.leave_message()
    world.open_ticket(late, TextSource.PENDING_TRANSCRIPT)
    world.open_ticket(world.leave_message(is_recognised=False), TextSource.PENDING_TRANSCRIPT)
    world.open_ticket()
    assert found(world, overdue.messages_with_late_transcript) == [late.message_id]


def test_messages_without_ticket(world: World, clock: FixedClock) -> None:
    heard = world.leave_message()
    clock.advance(timedelta(seconds=1))
    silent = world.leave_message(is_recognised=False, quality=MessageQuality.SILENT)
    world.leave_message(is_recognised=False)
    world.open_ticket()
    assert found(world, overdue.messages_without_ticket) == [heard.message_id, silent.message_id]


def test_calls_without_callback(world: World) -> None:
    missed = world.leave_call(outcome=CallOutcome.MISSED)
    asked = world.leave_call(outcome=CallOutcome.CALLBACK_REQUESTED)
    promised = world.leave_call(outcome=CallOutcome.MISSED)
    world.leave_call(outcome=CallOutcome.PROGRESS_TOLD)
    world.services.callbacks.schedule_person_call(CallbackKind.MISSED_CALL, promised, CALLER)
    assert sorted(found(world, overdue.calls_without_callback)) == sorted([missed, asked])


def test_resolved_tickets_without_callback(world: World) -> None:
    waiting, asked = resolved_ticket(world), resolved_ticket(world)
    world.services.tickets.start_revisit(asked, 1)
    assert found(world, overdue.resolved_tickets_without_callback) == [waiting]


def test_ratings_not_concluded_and_tasks_given_up(world: World) -> None:
    rated, given_up, done = (resolved_ticket(world) for _ in range(3))
    boss = world.ids["boss"]
    tasks = {ticket_id: satisfaction_task(world, ticket_id) for ticket_id in (rated, given_up, done)}
    for ticket_id in tasks:
        world.services.tickets.start_revisit(ticket_id, 1)
    finish = world.services.callbacks.finish_by_person
    for ticket_id in (rated, done):
        finish(tasks[ticket_id], boss, True, "called", solved=True, satisfaction=1)
    finish(tasks[given_up], boss, True, "never reached")
    world.services.tickets.close(done, 1, "rated")
    [rating_id] = found(world, overdue.ratings_not_concluded)
    assert world.services.callbacks.rating(rating_id).ticket_id == rated
    assert found(world, overdue.given_up_tasks_not_concluded) == [tasks[given_up]]


def test_tasks_without_owner_are_calls_to_make_not_ratings_to_ask(world: World) -> None:
    call_id = world.leave_call()
    task_id = world.services.callbacks.schedule_person_call(CallbackKind.MISSED_CALL, call_id, CALLER)
    satisfaction_task(world, resolved_ticket(world))
    assert found(world, overdue.tasks_without_owner) == [task_id]
    world.services.callbacks.set_owner(task_id, world.ids["ann"])
    assert found(world, overdue.tasks_without_owner) == []
