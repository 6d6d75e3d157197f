"""Which program is asking: it shows its token (`Authorization: Bearer …`) or signs (X-Hotline-Client, -Timestamp,
-Signature: see `intake/domain/signature.py`)."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.api.access import ServicesDep
from intake.domain.client import ClientFacts
from intake.domain.errors import ClientUnknown
from intake.domain.signature import check_fresh, check_signature


@dataclass(frozen=True, slots=True)
class Knock:
    """Who says to be there. A signature can be checked only when the body has been read."""

    client: ClientFacts
    method: str
    path: str
    timestamp: str | None = None
    signature: str | None = None

    def check(self, body_sha256: str) -> None:
        """Raises ClientUnknown."""
        if self.timestamp is not None and self.signature is not None:
            check_signature(self.client.secret, self.timestamp, self.method, self.path, body_sha256, self.signature)


def knock(request: Request, services: ServicesDep) -> Knock:
    """Raises ClientUnknown or SignatureStale, before a byte of the body is read."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return Knock(services.intake_clients.of_token(token.strip()), request.method, request.url.path)
    client_id, timestamp, signature = (
        request.headers.get(f"x-hotline-{name}", "") for name in ("client", "timestamp", "signature")
    )
    if not (client_id and timestamp and signature):
        raise ClientUnknown("a token or a signature is needed")
    check_fresh(timestamp, services.clock.now())
    client = services.intake_clients.of_id(client_id)
    return Knock(client, request.method, request.url.path, timestamp, signature)


KnockDep = Annotated[Knock, Depends(knock)]
