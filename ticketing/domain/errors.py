"""What can go wrong with a ticket, by name."""

from kit.errors import Conflict, Forbidden, Invalid, NotFound


class TicketNotFound(NotFound):
    """No such ticket, or not this person's: the two are not told apart."""

    code = "ticket.not_found"


class TicketActionNotAllowed(Conflict):
    code = "ticket.action_not_allowed"


class OfferGone(Conflict):
    """The offer ended (timed out, moved on) before this person accepted."""

    code = "ticket.offer_gone"


class NotTheHolder(Forbidden):
    code = "ticket.not_the_holder"


class BadShift(Invalid):
    code = "duty.bad_shift"


class SeatNotFound(NotFound):
    code = "duty.seat_not_found"
