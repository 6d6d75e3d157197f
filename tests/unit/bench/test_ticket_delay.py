"""The way from the hang-up to the seat, cut into its steps."""

from datetime import UTC, datetime, timedelta

import pytest

from app.bench.ticket_delay import Delivery, Instant

HUNG_UP_AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def _after(milliseconds: float) -> datetime:
    return HUNG_UP_AT + timedelta(milliseconds=milliseconds)


def test_the_steps_add_up_to_the_whole_and_recognition_is_one_of_them() -> None:
    delivery = Delivery.of(
        Instant(50.0, HUNG_UP_AT.timestamp()),
        ended_at=_after(10),
        heard_at=_after(240),
        took_ms=200,
        opened_at=_after(255),
        seen=Instant(50.27, _after(270).timestamp()),
    )
    steps = [delivery.ended, delivery.taken, delivery.recognition, delivery.opened, delivery.shown]
    assert steps == pytest.approx([10, 30, 200, 15, 15], abs=0.01)
    assert delivery.total == pytest.approx(sum(steps), abs=0.01)
    assert delivery.beyond_recognition == pytest.approx(70, abs=0.01)
