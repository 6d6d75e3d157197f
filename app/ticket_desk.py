"""What the phone scripts may ask of ticketing: siblings do not know each other, so app stands between."""

from collections.abc import Sequence

from ivr.ports import TicketProgress
from ticketing.service import TicketService


class TicketDeskForCalls:
    """Implements `ivr.ports.TicketDesk`."""

    def __init__(self, tickets: TicketService) -> None:
        self._tickets = tickets

    def reserve_number(self, call_id: str) -> str:
        return self._tickets.reserve_number(call_id)

    def open_tickets_of(self, caller: str) -> Sequence[TicketProgress]:
        return [TicketProgress(ticket.number, ticket.status) for ticket in self._tickets.open_tickets_of(caller)]
