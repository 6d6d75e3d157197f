"""Use cases of telling other programs of our own calls: who hears it, what is still to be told, and how a try ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from intake import cti_repository as repository
from intake.delivery_repository import end_try, put_back
from intake.domain.client import check_webhook
from intake.domain.cti import CtiEvent
from intake.domain.delivery import DeliveryStatus
from intake.domain.errors import CtiTargetUnknown
from intake.models import CtiPush, CtiTarget
from kit.clock import Clock
from kit.db import Database
from kit.ids import new_id

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    id: str
    name: str
    url: str = field(repr=False)
    is_active: bool


@dataclass(frozen=True, slots=True)
class PushFacts:
    """One event of a call, to be told to one target."""

    id: str
    call_id: str
    event: CtiEvent
    tries: int
    url: str = field(repr=False)


class CtiService:
    def __init__(self, db: Database, clock: Clock, lease: timedelta) -> None:
        self._db = db
        self._clock = clock
        self._lease = lease

    def add(self, name: str, url: str) -> str:
        """It hears of calls that begin from now on. Raises CtiTargetNameTaken, WebhookWrong."""
        check_webhook(url)
        target = CtiTarget(id=new_id(), name=name, url=url, is_active=True, created_at=self._clock.now())
        with self._db.transaction() as tx:
            repository.add_target(tx.session, target)
        return target.id

    def targets(self) -> list[TargetFacts]:
        with self._db.reading() as session:
            return [TargetFacts(row.id, row.name, row.url, row.is_active) for row in repository.targets(session)]

    def remove(self, name: str) -> None:
        """It hears nothing more, not even of calls that live. Its name stays taken. Raises CtiTargetUnknown."""
        with self._db.transaction() as tx:
            if not repository.deactivate(tx.session, name):
                raise CtiTargetUnknown("there is no active target of this name")

    def is_anybody_listening(self) -> bool:
        with self._db.reading() as session:
            return repository.is_any_active(session)

    def plan(self, call_id: str, started_at: datetime, events: Sequence[tuple[int, CtiEvent]]) -> None:
        """Each event once for each target that was there when the call began. Repeatable."""
        with self._db.transaction() as tx:
            tx.take_turns(f"intake.cti {call_id}")
            repository.add_pushes(tx.session, call_id, started_at, events, self._clock.now())

    def take_due(self, resting: Sequence[str] = ()) -> list[PushFacts]:
        """Of each call and target only the earliest that was not heard yet: they are told in order. None for the
        addresses that rest."""
        with self._db.transaction() as tx:
            rows = repository.take_due(tx.session, self._clock.now(), self._lease, resting)
            return [PushFacts(row.id, row.call_id, CtiEvent(row.event), row.tries, url) for row, url in rows]

    def delivered(self, push: PushFacts, answer: str) -> None:
        with self._db.transaction() as tx:
            end_try(tx.session, CtiPush, push, answer, self._clock.now(), is_heard=True)

    def not_delivered(self, push: PushFacts, answer: str) -> None:
        """Try again later, or give up: then also what was to follow of this call."""
        with self._db.transaction() as tx:
            status = end_try(tx.session, CtiPush, push, answer, self._clock.now(), is_heard=False)
            if status is DeliveryStatus.GIVEN_UP:
                repository.give_up_rest(tx.session, push.id)
        if status is DeliveryStatus.GIVEN_UP:
            log.error("intake.cti_push.given_up", push_id=push.id, call_id=push.call_id, answer=answer)

    def put_back(self, push: PushFacts) -> None:
        """It was not tried after all."""
        with self._db.transaction() as tx:
            put_back(tx.session, CtiPush, push, self._clock.now())
