"""Use cases of what other telephone systems say: keep it once, tell how a call stands, settle a call nobody ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from intake import call_event_repository as repository
from intake.domain.call_event import (
    MOST_OF_ONE_CALL,
    SAID_BY_CLIENTS,
    CallEvent,
    CallEventKind,
    RecordingOf,
    call_id_of,
    check_complete,
    check_in_time,
    event_id_of,
    fingerprint_of,
    settling_id_of,
)
from intake.domain.call_picture import CallPicture, picture_of
from intake.domain.client import ClientFacts, check_reference
from intake.domain.errors import CallOverfull, EventIdReused, ExternalIdReused, TooManyEvents
from intake.domain.events import CallEventsKept
from intake.domain.policy import CallEventPolicy
from intake.domain.upload import UploadStatus, upload_id_of
from intake.models import OutsideEvent, VoiceUpload
from kit.clock import Clock
from kit.db import Database, Transaction
from kit.phone_number import normalise

log = structlog.get_logger(__name__)

_MINUTE = timedelta(minutes=1)
_OUR_OWN = ""
"""External id of what no client said: theirs are not empty."""


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """Ids as the client chose them, in its order."""

    new: tuple[str, ...]
    repeated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutsideCallFacts:
    """A call as far as it was told of, by whom, and by how many events."""

    id: str
    client_name: str
    line: str
    picture: CallPicture
    event_count: int


class CallEventService:
    """Synchronous. The events of one client come in one request after the other, whatever process takes them."""

    def __init__(self, db: Database, clock: Clock, policy: CallEventPolicy) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy

    def keep(self, client: ClientFacts, events: Sequence[CallEvent]) -> KeptEvents:
        """All of them durably, or none.

        Raises EventIncomplete, EventOutOfTime, ReferenceRefused, EventIdReused, ExternalIdReused, CallOverfull,
        TooManyEvents.
        """
        now = self._clock.now()
        for event in events:
            check_complete(event)
            if event.recording_url:
                check_reference(client, event.recording_url)
        with self._db.transaction() as tx:
            _take_turn(tx, client.id)
            fresh = self._fresh(tx, client, events)
            for event in fresh.values():
                check_in_time(event, now, self._policy)
            self._refuse_floods(tx, client, len(fresh), now)
            touched = {self._write(tx, client, event_id, event, now) for event_id, event in fresh.items()}
            for call_id in sorted(filter(None, touched)):
                self._look_again(tx, call_id, now)
        new = {event.external_id for event in fresh.values()}
        repeated = {event.external_id: None for event in events if event.external_id not in new}
        log.info("intake.events.kept", client_id=client.id, new=len(fresh), repeated=len(events) - len(fresh))
        return KeptEvents(tuple(event.external_id for event in fresh.values()), tuple(repeated))

    def call(self, call_id: str) -> OutsideCallFacts:
        """Raises OutsideCallNotFound."""
        with self._db.reading() as session:
            row, client = repository.call(session, call_id)
            picture = picture_of(repository.events_of(session, call_id))
            return OutsideCallFacts(row.id, client.name, picture.line or client.line, picture, row.event_count)

    def mark_followed(self, call_id: str, event_count: int) -> None:
        """The call log knows so many of its events. Repeatable, in any order."""
        with self._db.transaction() as tx:
            repository.mark_followed(tx.session, call_id, event_count)

    def settle(self, call_id: str) -> None:
        """End a call of which nothing was heard for long; does nothing for others. What comes later still counts."""
        now = self._clock.now()
        with self._db.transaction() as tx:
            row, client = repository.call(tx.session, call_id)
            _take_turn(tx, client.id)
            if not repository.is_silent(tx.session, call_id, now - self._policy.silent_for):
                return
            event = CallEvent(_OUR_OWN, CallEventKind.SETTLED, now, row.call_ref)
            tx.session.add(_row(settling_id_of(call_id), client.id, call_id, event, now))
            tx.session.flush()
            self._look_again(tx, call_id, now)
        log.warning("intake.call.settled", call_id=call_id)

    def _fresh(self, tx: Transaction, client: ClientFacts, events: Sequence[CallEvent]) -> dict[str, CallEvent]:
        """Those that had not come before, each once, by our id. Raises EventIdReused."""
        first: dict[str, CallEvent] = {}
        for event in events:
            first.setdefault(event_id_of(client.id, event.external_id), event)
        before = repository.fingerprints(tx.session, first)
        for event in events:
            event_id = event_id_of(client.id, event.external_id)
            if fingerprint_of(event) != before.get(event_id, fingerprint_of(first[event_id])):
                raise EventIdReused("this event id belongs to another event", event_id=event.external_id)
        return {event_id: event for event_id, event in first.items() if event_id not in before}

    def _refuse_floods(self, tx: Transaction, client: ClientFacts, coming: int, now: datetime) -> None:
        if coming and repository.events_since(tx.session, client.id, now - _MINUTE) + coming > self._policy.per_minute:
            raise TooManyEvents("more events within a minute than this client may send", retry_after_s=60)

    def _write(
        self, tx: Transaction, client: ClientFacts, event_id: str, event: CallEvent, now: datetime
    ) -> str | None:
        """Returns the call that it is about."""
        call_id = call_id_of(client.id, event.call_ref) if event.kind is not CallEventKind.AGENT_STATE else None
        if call_id is not None:
            repository.ensure_call(tx.session, call_id, client.id, event.call_ref, now)
        tx.session.add(_row(event_id, client.id, call_id, event, now))
        if call_id is not None and event.kind is CallEventKind.RECORDING_READY:
            self._refer(tx, client, event, call_id, now)
        tx.session.flush()
        return call_id

    def _refer(self, tx: Transaction, client: ClientFacts, event: CallEvent, call_id: str, now: datetime) -> None:
        """Its sound is fetched and taken in like that of any message that only refers to one."""
        external_id = recording_external_id(event.external_id)
        upload_id = upload_id_of(client.id, external_id)
        if repository.has_upload(tx.session, upload_id):
            raise ExternalIdReused("a voice message has taken the id that this recording would get")
        tx.session.add(
            VoiceUpload(
                id=upload_id,
                client_id=client.id,
                external_id=external_id,
                status=UploadStatus.REFERRED,
                fingerprint=fingerprint_of(event),
                caller=normalise(event.caller),
                line=event.line or client.line,
                recorded_at=event.at,
                received_at=now,
                source_url=event.recording_url,
                call_id=call_id,
                opens_ticket=event.is_ticket_wanted,
                is_talk=event.recording_of is RecordingOf.TALK,
            )
        )

    def _look_again(self, tx: Transaction, call_id: str, now: datetime) -> None:
        events = repository.events_of(tx.session, call_id)
        if sum(event.kind in SAID_BY_CLIENTS for event in events) > MOST_OF_ONE_CALL:
            raise CallOverfull("a call id is for one call only")
        repository.note_heard(tx.session, call_id, picture_of(events), len(events), now)
        tx.raise_event(CallEventsKept(call_id))


def _take_turn(tx: Transaction, client_id: str) -> None:
    """Counts and pictures are made of rows that nobody else is adding to."""
    tx.take_turns(f"intake.events {client_id}")


def recording_external_id(event_external_id: str) -> str:
    """The external id of the upload that such an event makes; its client may follow it like any other."""
    return f"call-event/{event_external_id}"


def _row(event_id: str, client_id: str, call_id: str | None, event: CallEvent, now: datetime) -> OutsideEvent:
    return OutsideEvent(
        id=event_id,
        client_id=client_id,
        external_id=event.external_id,
        fingerprint=fingerprint_of(event),
        received_at=now,
        call_id=call_id,
        kind=event.kind,
        at=event.at,
        way=event.way,
        caller=normalise(event.caller),
        line=event.line,
        agent=event.agent,
        target=event.target,
        state=event.state,
        cause=event.cause,
        recording_url=event.recording_url,
        recording_of=event.recording_of,
        opens_ticket=event.opens_ticket,
    )
