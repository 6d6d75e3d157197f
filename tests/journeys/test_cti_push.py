"""Calls of ours are told to whoever listens: in order, at least once, and never at the cost of a call."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from app.courier import Courier
from app.cti_push import cti_push
from intake.cti_service import PushFacts
from intake.domain.call_event import CallEvent, CallEventKind
from intake.domain.delivery import DeliveryStatus, wait_before_try
from intake.domain.errors import CtiTargetNameTaken, CtiTargetUnknown, WebhookWrong
from intake.models import CtiPush
from ivr.adapters.simulated import HangUp, Press
from ivr.domain.call import CallDirection
from ivr.domain.call_record import CallStart
from tests.journeys.conftest import CITIZEN, Hotline
from tests.support.hook_server import HookServer, hook_server

RING = timedelta(seconds=5)


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with hook_server() as server:
        yield server


@pytest.fixture
def courier(hotline: Hotline, hook: HookServer) -> Courier[PushFacts]:
    hotline.services.cti.add("zammad", f"http://127.0.0.1:{hook.server_port}/api/v1/cti/secret")
    return cti_push(hotline.services)


def told(hook: HookServer) -> list[dict[str, str]]:
    return [{name: values[0] for name, values in parse_qs(body.decode()).items()} for _, body in hook.heard]


def events(hook: HookServer) -> list[str]:
    return [each["event"] for each in told(hook)]


def ring(hotline: Hotline, call_id: str = "c1") -> None:
    start = CallStart(call_id, CallDirection.INBOUND, "12345", f"+86{CITIZEN}", hotline.clock.now())
    hotline.services.ivr.call_arrived(start)


def deliver(courier: Courier[PushFacts], times: int = 4) -> None:
    """One event of a call in each round."""
    for _ in range(times):
        courier.look()


async def test_a_call_is_told_in_three_events(hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]) -> None:
    call = await hotline.take_call(Press("2"), HangUp())
    deliver(courier)
    assert events(hook) == ["newCall", "answer", "hangup"]
    assert {each["callId"] for each in told(hook)} == {call.call_id}
    assert {(each["from"], each["to"], each["direction"]) for each in told(hook)} == {(f"86{CITIZEN}", call.line, "in")}
    assert told(hook)[2]["cause"] == "normalClearing"
    assert {headers["Content-Type"] for headers, _ in hook.heard} == {"application/x-www-form-urlencoded"}
    hotline.pass_time()
    deliver(courier)
    assert len(hook.heard) == 3


def test_a_ringing_call_is_told_before_it_is_answered(
    hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]
) -> None:
    ring(hotline)
    deliver(courier)
    assert events(hook) == ["newCall"]
    hotline.services.ivr.call_answered("c1", hotline.clock.now())
    deliver(courier)
    assert events(hook) == ["newCall", "answer"]


def test_what_follows_waits_for_what_was_not_heard(
    hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]
) -> None:
    hook.answer = 503
    ring(hotline)
    ring(hotline, "c2")
    hotline.services.ivr.call_answered("c1", hotline.clock.now())
    deliver(courier)
    assert set(events(hook)) == {"newCall"}
    hook.heard.clear()
    hook.answer = 200
    hotline.clock.advance(timedelta(seconds=10))
    deliver(courier)
    assert [each["event"] for each in told(hook) if each["callId"] == "c1"] == ["newCall", "answer"]


def test_a_target_that_never_hears_is_given_up_with_the_rest_of_the_call(
    hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]
) -> None:
    hook.answer = 500
    ring(hotline)
    hotline.services.ivr.call_answered("c1", hotline.clock.now())
    tries = 1
    courier.look()
    while (wait := wait_before_try(tries)) is not None:
        hotline.clock.advance(max(wait, timedelta(minutes=1)))
        courier.look()
        tries += 1
    with hotline.services.db.reading() as session:
        assert set(session.scalars(select(CtiPush.status))) == {DeliveryStatus.GIVEN_UP}
    assert set(events(hook)) == {"newCall"}


def test_a_death_after_every_commit_loses_no_event(
    hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]
) -> None:
    hotline.kill_after_commits()
    ring(hotline)
    hotline.services.ivr.call_answered("c1", hotline.clock.now())
    deliver(courier)
    assert hook.heard == []
    for _ in range(2):
        hotline.pass_time()
        deliver(courier)
    assert events(hook) == ["newCall", "answer"]


def test_a_courier_that_was_killed_in_the_middle_is_followed_by_another(
    hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]
) -> None:
    ring(hotline)
    assert len(hotline.services.cti.take_due()) == 1  # and it is killed
    deliver(courier)
    assert hook.heard == []
    hotline.clock.advance(timedelta(seconds=30))
    deliver(courier)
    assert events(hook) == ["newCall"]


def test_calls_of_other_systems_and_of_before_are_no_news_of_ours(
    hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]
) -> None:
    new = hotline.services.intake_clients.add("old PBX", "12345")
    client = hotline.services.intake_clients.of_id(new.id)
    rang = CallEvent("e-1", CallEventKind.RINGING, hotline.clock.now(), "c-1", caller=CITIZEN)
    hotline.services.call_events.keep(client, [rang])
    hotline.clock.advance(RING)
    start = CallStart("c0", CallDirection.INBOUND, "12345", CITIZEN, hotline.clock.now() - timedelta(minutes=1))
    hotline.services.ivr.call_arrived(start)
    for _ in range(2):
        hotline.pass_time()
        deliver(courier)
    assert hook.heard == []


def test_a_removed_target_hears_nothing_more(hotline: Hotline, hook: HookServer, courier: Courier[PushFacts]) -> None:
    ring(hotline)
    hotline.services.cti.remove("zammad")
    deliver(courier)
    ring(hotline, "c2")
    deliver(courier)
    assert hook.heard == []
    with pytest.raises(CtiTargetUnknown):
        hotline.services.cti.remove("zammad")
    with pytest.raises(CtiTargetNameTaken):
        hotline.services.cti.add("zammad", "http://127.0.0.1/")
    with pytest.raises(WebhookWrong):
        hotline.services.cti.add("other", "nonsense")


def test_nobody_listens_and_nothing_is_planned(hotline: Hotline) -> None:
    ring(hotline)
    hotline.pass_time()
    with hotline.services.db.reading() as session:
        assert session.scalars(select(CtiPush)).all() == []
