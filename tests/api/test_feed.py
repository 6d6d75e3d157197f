"""The live feed: everybody hears of his own work, nobody of another's, and nothing is lost."""

import dataclasses
import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from websockets.exceptions import InvalidStatus

from app.api.feed_hub import Subscription
from app.api.feed_messages import hint
from app.bootstrap import Services
from app.feed_nudges import RedisNudges
from app.views.viewer import Viewer
from app.web import create_app
from callbacks.domain.lifecycle import CallbackKind
from kit.clock import FixedClock
from people.domain.role import Role
from tests.api.world import CALLER, Console, Feed, World, closing_of, web_server
from ticketing.domain.lifecycle import TicketStatus
from ticketing.models import TicketEvent

Open = Callable[[str], Console]


def heard_before_task(feed: Feed, world: World, login: str) -> list[dict[str, Any]]:
    """Events with ids that arrive before a fresh callback task of this person does."""
    call_id = world.leave_call()
    task_id = world.services.callbacks.schedule_person_call(CallbackKind.MISSED_CALL, call_id, CALLER)
    world.services.callbacks.set_owner(task_id, world.ids[login])
    events: list[dict[str, Any]] = []
    while True:
        message = feed.next()
        if message.get("task_id") == task_id:
            return events
        if message["type"] == "event" and message["id"] is not None:
            events.append(message)


def note(world: World, ticket_id: str, login: str, *, event_id: int | None = None) -> TicketEvent:
    """A timeline row of a ticket that this person holds."""
    return TicketEvent(
        id=event_id,
        ticket_id=ticket_id,
        at=world.clock.now(),
        action="note",
        from_status=TicketStatus.NEW,
        to_status=TicketStatus.NEW,
        from_person_id=world.ids[login],
        to_person_id=world.ids[login],
        details={},
    )


def test_a_socket_without_a_session_is_refused(console: Open) -> None:
    for headers in ({}, {"Cookie": "hotline_session=made-up"}):
        with pytest.raises(InvalidStatus) as refused:
            console("").socket(**headers)
        assert refused.value.response.status_code == 403


def test_a_socket_of_another_sites_page_is_refused(console: Open) -> None:
    with pytest.raises(InvalidStatus) as refused:
        console("ann").socket(Origin="https://evil.example")
    assert refused.value.response.status_code == 403


def test_a_ticket_pops_up_at_its_holder_and_at_supervisors_only(console: Open, world: World) -> None:
    world.be_available("ann", "ben")
    with (
        console("ann").feed() as ann,
        console("ben").feed() as ben,
        console("cid").feed() as cid,
        console("boss").feed() as boss,
    ):
        ticket_id = world.open_ticket()
        offered = ann.next_event()
        assert (offered["kind"], offered["ticket_id"]) == ("ticket.offered", ticket_id)
        assert offered["holder"] == {"person_id": world.ids["ann"], "display_name": "Ann"}
        assert (offered["status"], offered["action"]) == ("new", "offered")
        assert CALLER not in json.dumps(offered)
        assert [event["action"] for event in boss.events_until("ticket.changed", action="offered")] == [
            "created",
            "offered",
        ]
        assert heard_before_task(ben, world, "ben") == []
        assert heard_before_task(cid, world, "cid") == []


def test_when_a_is_silent_it_leaves_a_and_pops_up_at_b(console: Open, world: World, clock: FixedClock) -> None:
    world.be_available("ann", "ben")
    with console("ann").feed() as ann, console("ben").feed() as ben:
        ticket_id = world.open_ticket()
        ann.events_until("ticket.offered")
        clock.advance(timedelta(seconds=181))
        world.be_available("ann", "ben")
        world.services.tickets.expire_offers()
        withdrawn = ann.events_until("ticket.withdrawn")[-1]
        assert (withdrawn["ticket_id"], withdrawn["holder"]) == (ticket_id, None)
        assert [event["kind"] for event in ben.events_until("ticket.offered", ticket_id=ticket_id)] == [
            "ticket.offered"
        ]


def test_a_queued_ticket_is_told_to_supervisors(console: Open, world: World) -> None:
    with console("boss").feed() as boss:
        ticket_id = world.open_ticket()
        assert boss.events_until("ticket.queued")[-1]["ticket_id"] == ticket_id


def test_after_a_reconnect_everything_missed_comes_in_order_and_nothing_of_others(console: Open, world: World) -> None:
    world.be_available("ann", "ben")
    ann = console("ann")
    with ann.feed() as feed:
        first = world.open_ticket()
        had = feed.events_until("ticket.offered")
    cursor = had[-1]["id"]
    ann.post(f"/tickets/{first}/accept", {"offer_no": 1})
    others = world.open_ticket()
    console("boss").post(f"/tickets/{others}/assign", {"person_id": world.ids["cid"]})
    console("cid").post(f"/tickets/{others}/note", {"text": "not for ann"})
    ann.post(f"/tickets/{first}/note", {"text": "one"})
    ann.post(f"/tickets/{first}/resolve", {"resolution": "two"})
    with ann.feed(cursor) as feed:
        assert feed.hello == {"type": "hello", "cursor": cursor, "is_complete": True}
        told = feed.events_until("ticket.changed", action="start_revisit")
        known = {event["id"] for event in had}
        fresh = [event for event in told if event["id"] not in known]
        assert [event["id"] for event in told] == sorted(event["id"] for event in told)
        assert [event["action"] for event in fresh if event["ticket_id"] == first] == [
            "accept",
            "note",
            "resolve",
            "start_revisit",
        ]
        # she was asked to take the other one, and lost it; what became of it then is not hers
        assert [event["kind"] for event in fresh if event["ticket_id"] == others] == [
            "ticket.offered",
            "ticket.withdrawn",
        ]
        world.services.tickets.close(first, 1, "rated")
        assert feed.next_event()["action"] == "close"


def test_a_row_that_becomes_visible_after_a_later_one_is_not_lost(console: Open, world: World) -> None:
    world.be_available("ann")
    ticket_id = world.open_ticket()
    ann = console("ann")
    with ann.feed() as feed:
        for event_id in (1002, 1001):
            with world.services.db.transaction() as tx:
                tx.session.add(note(world, ticket_id, "ann", event_id=event_id))
            world.services.nudges.publish("ticket")
            assert feed.next_event()["id"] == event_id
    with world.services.db.transaction() as tx:
        tx.session.add(note(world, ticket_id, "ann", event_id=1000))
    with ann.feed(1002) as feed:
        assert 1000 in [event["id"] for event in (feed.next_event() for _ in range(3))]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite's writers take turns
def test_two_transactions_that_commit_in_the_other_order_are_both_told(console: Open, world: World) -> None:
    world.be_available("ann")
    ticket_id = world.open_ticket()
    with console("ann").feed() as feed, Session(world.services.db.engine) as slow:
        late = note(world, ticket_id, "ann")
        slow.add(late)
        slow.flush()
        with world.services.db.transaction() as tx:
            early = note(world, ticket_id, "ann")
            tx.session.add(early)
        world.services.nudges.publish("ticket")
        assert feed.next_event()["id"] == early.id
        late_id = late.id
        slow.commit()
        assert late_id < early.id
        assert feed.next_event()["id"] == late_id


@pytest.mark.parametrize("rows", [0, 1001])
def test_who_missed_too_much_or_comes_from_another_time_loads_anew(console: Open, world: World, rows: int) -> None:
    world.be_available("ann")
    ticket_id = world.open_ticket()
    with world.services.db.transaction() as tx:
        tx.session.add_all(note(world, ticket_id, "ann") for _ in range(rows))
    with console("ann").feed(0 if rows else 2**31 - 1) as feed:
        assert feed.hello == {"type": "hello", "cursor": 2 + rows, "is_complete": False}


def test_a_callback_task_is_hinted_to_its_owner_and_to_supervisors(console: Open, world: World) -> None:
    with console("ann").feed() as ann, console("boss").feed() as boss:
        assert heard_before_task(ann, world, "ann") == []
        assert heard_before_task(boss, world, "ben") == []


def test_an_open_console_is_a_sign_of_life(console: Open, world: World, clock: FixedClock) -> None:
    ann = console("ann")
    with ann.feed() as feed:
        clock.advance(timedelta(seconds=30))
        for _ in range(2):  # the beat that was under way, and the next
            while feed.next()["type"] != "ping":
                pass
        seen = world.services.duty.presence(world.ids["ann"])
        assert seen is not None
        assert seen.seen_at == clock.now()


@pytest.mark.parametrize("end", ["sign_out", "deactivate", "expire"])
def test_the_socket_closes_when_its_session_ends(console: Open, world: World, clock: FixedClock, end: str) -> None:
    ann = console("ann")
    with ann.feed() as feed:
        if end == "sign_out":
            ann.http.delete("/session")
        elif end == "deactivate":
            world.services.people.deactivate(world.ids["ann"])
        else:
            clock.advance(timedelta(hours=13))
        assert closing_of(feed.socket) == (4401, "session.ended")


def test_with_redis_away_the_feed_is_only_slower(services: Services, world: World) -> None:
    away = dataclasses.replace(services, nudges=RedisNudges(services.settings.effective_redis_url, poll_s=0.2))
    world.be_available("ann")
    with web_server(create_app(away)) as url:
        ann = Console(url)
        ann.sign_in("ann")
        with ann.feed() as feed:
            ticket_id = world.open_ticket()
            assert feed.events_until("ticket.offered")[-1]["ticket_id"] == ticket_id


def test_a_server_that_stops_tells_its_sockets_to_come_back(services: Services, world: World) -> None:
    with ExitStack() as open_feed:
        with web_server(create_app(services)) as url:
            ann = Console(url)
            ann.sign_in("ann")
            feed = open_feed.enter_context(ann.feed())
        assert closing_of(feed.socket)[0] == 1012


def test_a_socket_that_reads_too_slowly_has_to_resume() -> None:
    subscription = Subscription(Viewer("p", Role.AGENT))
    for _ in range(1000):
        subscription.put(hint("call.changed"))
    assert not subscription.is_overrun
    subscription.put(hint("call.changed"))
    assert subscription.is_overrun
