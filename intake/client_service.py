"""Use cases of the entrance's clients: let one in, know it by its token or its id, let it in no longer."""

import hashlib
import secrets

from intake import repository
from intake.domain.client import ClientFacts, NewClient, check_webhook
from intake.domain.errors import ClientUnknown
from intake.models import IntakeClient
from kit.clock import Clock
from kit.db import Database
from kit.ids import new_id


class ClientService:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def add(
        self, name: str, line: str, webhook_url: str | None = None, reference_hosts: tuple[str, ...] = ()
    ) -> NewClient:
        """Raises ClientNameTaken, WebhookWrong."""
        if webhook_url is not None:
            check_webhook(webhook_url)
        new = NewClient(new_id(), secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        row = IntakeClient(
            id=new.id,
            name=name,
            line=line,
            token_hash=_hash(new.token),
            secret=new.secret,
            webhook_url=webhook_url,
            reference_hosts=list(reference_hosts),
            is_active=True,
            created_at=self._clock.now(),
        )
        with self._db.transaction() as tx:
            repository.add_client(tx.session, row)
        return new

    def clients(self) -> list[ClientFacts]:
        with self._db.reading() as session:
            return [_client(row) for row in repository.clients(session)]

    def revoke(self, name: str) -> None:
        """What it left stays. Raises ClientUnknown."""
        with self._db.transaction() as tx:
            if not repository.revoke(tx.session, name):
                raise ClientUnknown("there is no active client of this name")

    def of_token(self, token: str) -> ClientFacts:
        """Raises ClientUnknown."""
        with self._db.reading() as session:
            row = repository.active_client_by_token(session, _hash(token))
        if row is None:
            raise ClientUnknown
        return _client(row)

    def of_id(self, client_id: str) -> ClientFacts:
        """Raises ClientUnknown."""
        with self._db.reading() as session:
            row = repository.active_client_by_id(session, client_id)
        if row is None:
            raise ClientUnknown
        return _client(row)


def _client(row: IntakeClient) -> ClientFacts:
    return ClientFacts(
        row.id, row.name, row.line, row.webhook_url, tuple(row.reference_hosts), row.is_active, row.secret
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
