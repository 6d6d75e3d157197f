"""Facts of a ticket's life."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class TicketChanged(Event):
    """Something about the ticket moved; its timeline tells what. Raised with every timeline row."""

    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketResolved(Event):
    """Handled; the citizen is to be asked. `round` counts handlings, from 1."""

    ticket_id: str
    round: int


@dataclass(frozen=True, slots=True)
class SeatCallChanged(Event):
    """A call that wants a person moved in its line."""

    call_id: str


@dataclass(frozen=True, slots=True)
class SeatCallOrdered(Event):
    """Its person wants something of the talk; its process should look."""

    call_id: str


@dataclass(frozen=True, slots=True)
class PresenceChanged(Event):
    person_id: str
