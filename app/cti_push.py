"""Tells other programs of our own calls, as Zammad's generic CTI interface wants it: forms, in order for each call."""

from collections.abc import Sequence
from urllib.parse import urlencode

from app.bootstrap import Services
from app.courier import Courier, Post
from app.views.cti_calls import cti_call
from intake.cti_service import PushFacts
from intake.domain.cti import fields_of


def cti_push(services: Services) -> Courier[PushFacts]:
    return Courier(_EventsOfCalls(services), services.clock)


class _EventsOfCalls:
    name = "cti_push"

    def __init__(self, services: Services) -> None:
        self._services = services
        self.delivered = services.cti.delivered
        self.not_delivered = services.cti.not_delivered
        self.put_back = services.cti.put_back

    def take_due(self, resting: Sequence[str]) -> Sequence[PushFacts]:
        return self._services.cti.take_due(resting)

    def post_of(self, letter: PushFacts) -> Post:
        with self._services.db.reading() as session:
            call = cti_call(session, letter.call_id)
        assert call is not None  # only calls of ours are planned, and none is ever removed
        content = urlencode(fields_of(letter.event, call)).encode()
        return Post(content, {"Content-Type": "application/x-www-form-urlencoded"})
