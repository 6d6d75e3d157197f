"""Use cases of the entrance: receive a message once, fetch what was only referred to, tell its client how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError

from intake import repository
from intake.delivery_repository import end_try, put_back
from intake.domain.client import ClientFacts, check_reference
from intake.domain.delivery import DeliveryFacts, DeliveryStatus
from intake.domain.errors import ExternalIdReused, FetchFailed, TooManyUploads
from intake.domain.events import UploadReceived
from intake.domain.policy import IntakePolicy
from intake.domain.upload import (
    WITHHELD,
    NewUpload,
    UploadAction,
    UploadFacts,
    UploadStatus,
    fingerprint_of,
    upload_id_of,
)
from intake.models import VoiceUpload, WebhookDelivery
from intake.ports import SoundFetcher, SoundProbe
from kit.clock import Clock
from kit.db import Database
from kit.errors import HotlineError
from kit.ids import new_id
from kit.phone_number import normalise
from kit.storage import FileStore

log = structlog.get_logger(__name__)

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """`is_repetition`: the same message had come before; nothing was added."""

    upload_id: str
    is_repetition: bool


class IntakeService:
    """Synchronous. `scratch` lies on the file store's disk, so that taking a file in is a rename."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        files: FileStore,
        fetcher: SoundFetcher,
        probe: SoundProbe,
        scratch: Path,
        policy: IntakePolicy,
    ) -> None:
        self._db = db
        self._clock = clock
        self._files = files
        self._fetcher = fetcher
        self._probe = probe
        self._scratch = scratch
        self._policy = policy

    # coming in

    def receive(self, client: ClientFacts, new: NewUpload, path: Path, sha256: str) -> Receipt:
        """Keep a sound that was sent, durably; `path` is gone afterwards unless the same had come before.

        Raises ExternalIdReused, TooManyUploads, and what the probe raises for what is no sound.
        """
        return self._receive(client, new, sha256, path=path)

    def refer(self, client: ClientFacts, new: NewUpload, url: str) -> Receipt:
        """Note where a sound lies, to be fetched. Raises ReferenceRefused, ExternalIdReused, TooManyUploads."""
        check_reference(client, url)
        return self._receive(client, new, url, url=url)

    def upload(self, upload_id: str) -> UploadFacts:
        """Raises UploadNotFound."""
        with self._db.reading() as session:
            return repository.facts(repository.upload(session, upload_id))

    def is_to_be_taken_in(self, message_id: str) -> bool:
        """False for what was taken in or was not fetched yet, and for messages that came by telephone."""
        with self._db.reading() as session:
            return repository.status_of(session, message_id) is UploadStatus.RECEIVED

    def call_of(self, upload_id: str) -> str | None:
        """Of another telephone system; None for what belongs to no such call, and for what is no upload."""
        with self._db.reading() as session:
            return repository.call_of(session, upload_id)

    def is_past_waiting_for(self, upload: UploadFacts) -> bool:
        """Its sound could not be had for so long that nobody should wait for it any more."""
        return self._clock.now() - upload.received_at >= self._policy.fetch_for

    # taking in

    def fetch(self, upload_id: str) -> None:
        """Bring the sound of a referred message into the store; does nothing for others.

        Raises FetchFailed: final, or worth another try.
        """
        upload = self.upload(upload_id)
        if upload.status is not UploadStatus.REFERRED or upload.source_url is None:
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        path = self._scratch / f"fetched-{new_id()}"
        try:
            self._fetcher.fetch(upload.source_url, path)
            duration_ms = self._length_of(path)
            stored = self._files.adopt(path, _file_key(upload.received_at.strftime("%Y/%m/%d"), upload_id, "fetched"))
        except FetchFailed as failure:
            if not failure.is_final and self.is_past_waiting_for(upload):
                raise FetchFailed(failure.message, is_final=True) from failure
            raise
        finally:
            path.unlink(missing_ok=True)
        with self._db.transaction() as tx:
            if repository.move(tx.session, upload_id, UploadAction.FETCH, file_key=stored.key, duration_ms=duration_ms):
                tx.raise_event(UploadReceived(upload_id))

    def _length_of(self, path: Path) -> int | None:
        """Of what was fetched: kept also when it is no sound, which shows when it is taken in."""
        try:
            return self._probe.probe(path).duration_ms
        except HotlineError:
            return None

    def mark_taken_in(self, upload_id: str, failure_code: str | None = None) -> None:
        """It is a voice message now; with a code: one without sound, to be called back. Repeatable."""
        action = UploadAction.TAKE_IN if failure_code is None else UploadAction.GIVE_UP
        with self._db.transaction() as tx:
            repository.move(tx.session, upload_id, action, failure_code=failure_code)

    # telling the client

    def wants_to_be_told(self, upload_id: str) -> bool:
        """False also for what is no upload: a message of the telephone has no client."""
        with self._db.reading() as session:
            return repository.webhook_url_of(session, upload_id) is not None

    def plan_telling(self, upload_id: str, stage: str, round_no: int) -> None:
        """Once per stage and round; nothing for clients that want to hear nothing, and for what is no upload."""
        with self._db.transaction() as tx:
            if repository.webhook_url_of(tx.session, upload_id):
                repository.add_delivery(tx.session, upload_id, stage, round_no, self._clock.now())

    def take_due_deliveries(self, resting: Sequence[str] = ()) -> list[DeliveryFacts]:
        """None for the addresses that rest."""
        with self._db.transaction() as tx:
            return repository.take_due_deliveries(tx.session, self._clock.now(), self._policy.lease, resting)

    def delivered(self, delivery: DeliveryFacts, answer: str) -> None:
        with self._db.transaction() as tx:
            end_try(tx.session, WebhookDelivery, delivery, answer, self._clock.now(), is_heard=True)

    def not_delivered(self, delivery: DeliveryFacts, answer: str) -> None:
        """Try again later, or give up."""
        with self._db.transaction() as tx:
            status = end_try(tx.session, WebhookDelivery, delivery, answer, self._clock.now(), is_heard=False)
        if status is DeliveryStatus.GIVEN_UP:
            log.error("intake.delivery.given_up", delivery_id=delivery.id, upload_id=delivery.upload_id, answer=answer)

    def put_back(self, delivery: DeliveryFacts) -> None:
        """It was not tried after all."""
        with self._db.transaction() as tx:
            put_back(tx.session, WebhookDelivery, delivery, self._clock.now())

    def _receive(
        self, client: ClientFacts, new: NewUpload, content: str, *, path: Path | None = None, url: str | None = None
    ) -> Receipt:
        upload_id, fingerprint = upload_id_of(client.id, new.external_id), fingerprint_of(new, content)
        known = self._known(upload_id, fingerprint)
        if known is not None:
            return known
        now = self._clock.now()
        self._refuse_floods(client)
        key = duration_ms = None
        if path is not None:
            duration_ms = self._probe.probe(path).duration_ms
            key = self._files.adopt(path, _file_key(now.strftime("%Y/%m/%d"), upload_id, content[:8])).key
        row = VoiceUpload(
            id=upload_id,
            client_id=client.id,
            external_id=new.external_id,
            status=UploadStatus.REFERRED if url else UploadStatus.RECEIVED,
            fingerprint=fingerprint,
            caller=normalise(new.caller) or WITHHELD,
            line=new.line or client.line,
            recorded_at=new.recorded_at,
            received_at=now,
            source_url=url,
            file_key=key,
            duration_ms=duration_ms,
        )
        try:
            with self._db.transaction() as tx:
                tx.session.add(row)
                tx.session.flush()
                if path is not None:
                    tx.raise_event(UploadReceived(upload_id))
        except IntegrityError:  # the same message came in twice at once, and the other one was first
            known = self._known(upload_id, fingerprint)
            if known is None:
                raise
            return known
        log.info("intake.message.received", upload_id=upload_id, client_id=client.id, is_referred=url is not None)
        return Receipt(upload_id, is_repetition=False)

    def _refuse_floods(self, client: ClientFacts) -> None:
        with self._db.reading() as session:
            recent = repository.uploads_since(session, client.id, self._clock.now() - _MINUTE)
        if recent >= self._policy.uploads_per_minute:
            raise TooManyUploads("more messages within a minute than this client may leave", retry_after_s=60)

    def _known(self, upload_id: str, fingerprint: str) -> Receipt | None:
        with self._db.reading() as session:
            row = session.get(VoiceUpload, upload_id)
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise ExternalIdReused("this external id belongs to another message")
        return Receipt(upload_id, is_repetition=True)


def _file_key(day: str, upload_id: str, content: str) -> str:
    return f"uploads/{day}/{upload_id}-{content}"
