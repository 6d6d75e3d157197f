"""A client is told each stage of its message once per round, tried again for a day, and never by two at once."""

from datetime import timedelta

from sqlalchemy import select

from intake.domain.delivery import DeliveryStatus, wait_before_try
from intake.models import WebhookDelivery
from tests.integration.intake.stage import POLICY, Stage


def deliveries(stage: Stage) -> list[WebhookDelivery]:
    with stage.db.reading() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.created_at)))


def test_a_stage_is_planned_once_per_round(stage: Stage) -> None:
    upload_id = stage.leave()
    for stage_name, round_no in (("new", 1), ("new", 1), ("accepted", 1), ("accepted", 2)):
        stage.service.plan_telling(upload_id, stage_name, round_no)
    assert [(row.stage, row.round) for row in deliveries(stage)] == [("new", 1), ("accepted", 1), ("accepted", 2)]


def test_a_client_without_a_webhook_is_told_nothing(stage: Stage) -> None:
    quiet = stage.clients.of_id(stage.clients.add("quiet", "12345").id)
    stage.client = quiet
    upload_id = stage.leave()
    assert not stage.service.wants_to_be_told(upload_id)
    stage.service.plan_telling(upload_id, "new", 1)
    assert deliveries(stage) == []


def test_what_one_took_nobody_else_takes_until_the_lease_is_over(stage: Stage) -> None:
    stage.service.plan_telling(stage.leave(), "new", 1)
    (first,) = stage.service.take_due_deliveries()
    assert (first.url, first.secret, first.tries) == (stage.client.webhook_url, stage.client.secret, 1)
    assert stage.another_service().take_due_deliveries() == []
    stage.clock.advance(POLICY.lease)  # it was killed
    (second,) = stage.another_service().take_due_deliveries()
    assert (second.id, second.tries) == (first.id, 2)


def test_what_was_delivered_is_not_due_again(stage: Stage) -> None:
    stage.service.plan_telling(stage.leave(), "new", 1)
    (taken,) = stage.service.take_due_deliveries()
    stage.service.delivered(taken, "200")
    stage.service.not_delivered(taken, "ReadTimeout")  # somebody slow, whose lease had run out
    stage.clock.advance(timedelta(days=30))
    assert stage.service.take_due_deliveries() == []
    (row,) = deliveries(stage)
    assert (row.status, row.last_answer) == (DeliveryStatus.DELIVERED, "200")


def test_a_dead_webhook_is_tried_ever_more_rarely_and_then_given_up(stage: Stage) -> None:
    stage.service.plan_telling(stage.leave(), "new", 1)
    tries = 0
    while (wait := wait_before_try(tries + 1)) is not None:
        (taken,) = stage.service.take_due_deliveries()
        stage.service.not_delivered(taken, "ConnectError")
        stage.clock.advance(wait - timedelta(seconds=1))
        assert stage.service.take_due_deliveries() == []
        stage.clock.advance(timedelta(seconds=1))
        tries += 1
    (taken,) = stage.service.take_due_deliveries()
    stage.service.not_delivered(taken, "ConnectError")
    (row,) = deliveries(stage)
    assert (row.status, row.tries) == (DeliveryStatus.GIVEN_UP, tries + 1)


def test_a_revoked_client_is_told_nothing_more(stage: Stage) -> None:
    stage.service.plan_telling(stage.leave(), "new", 1)
    stage.clients.revoke("mini-page")
    assert stage.service.take_due_deliveries() == []
