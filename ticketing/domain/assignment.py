"""Who is asked next: A → B → the next pair of the desk → the supervisor queue. Never nobody, never two."""

from enum import StrEnum


class SeatRole(StrEnum):
    A = "a"
    B = "b"


class HolderKind(StrEnum):
    """Exactly one holds a ticket at any time."""

    PERSON = "person"
    SUPERVISOR_QUEUE = "supervisor_queue"


class OfferOutcome(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
