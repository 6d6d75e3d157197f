"""A program that may leave voice messages and tell of calls."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from intake.domain.errors import ReferenceRefused, WebhookWrong


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """`secret` signs its requests, and ours to its webhook."""

    id: str
    name: str
    line: str
    webhook_url: str | None
    reference_hosts: tuple[str, ...]
    is_active: bool
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewClient:
    """What a new client is given; `token` is shown only here."""

    id: str
    token: str = field(repr=False)
    secret: str = field(repr=False)


def check_webhook(url: str) -> None:
    """Raises WebhookWrong for what cannot be posted to."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right:
        raise WebhookWrong("a webhook is an http or https address")


def check_reference(client: ClientFacts, url: str) -> None:
    """Whether this client may point at what lies there. Raises ReferenceRefused."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ReferenceRefused("this is no address") from None
    if parts.scheme not in ("http", "https") or parts.username or host not in client.reference_hosts:
        raise ReferenceRefused("this client may not refer to this host")
