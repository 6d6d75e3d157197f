"""A program that may leave voice messages."""

from dataclasses import dataclass, field


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
