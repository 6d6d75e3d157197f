"""Facts that leave a transaction after its commit, and who is told of them."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from kit.errors import Unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in the past tense. Carries ids, never rows."""


Subscriber = Callable[[Event], None]


class EventBus:
    """Tells subscribers in this process what has been committed.

    A subscriber that fails is logged and does not stop the others: the fact is in the database,
    and the scheduler re-finds every next step that was not taken.
    """

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def publish(self, event: Event) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Unavailable as error:  # expected at times: one line, no trace
                log.warning("kit.event.subscriber_waits", event_type=type(event).__name__, code=error.code)
            except Exception:
                log.exception("kit.event.subscriber_failed", event_type=type(event).__name__)
