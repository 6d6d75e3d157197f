"""What can go wrong with a ticket or the roster, by name."""

from kit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class TicketNotFound(NotFound):
    """No such ticket, or not this person's: the two are not told apart."""

    code = "ticket.not_found"


class TicketActionNotAllowed(Conflict):
    code = "ticket.action_not_allowed"


class OfferGone(Conflict):
    """The offer ended (timed out, moved on) before this person accepted."""

    code = "ticket.offer_gone"


class TicketMovedOn(Conflict):
    """Somebody or something else changed the ticket in the same moment; look again."""

    code = "ticket.moved_on"


class NotTheHolder(Forbidden):
    code = "ticket.not_the_holder"


class PhoneOfAnother(Forbidden):
    """The browser of another person: his calls would ring at somebody else."""

    code = "duty.phone_of_another"


class SeatCallMovedOn(Conflict):
    """The call was taken, moved on or ended in the same moment."""

    code = "seat_call.moved_on"


class SeatCallNotFound(NotFound):
    """No such call, or not this person's."""

    code = "seat_call.not_found"


class TextMissing(Invalid):
    """A note without words, or a resolution that says nothing."""

    code = "ticket.text_missing"


class NoIntakeDesk(Unavailable):
    """No desk takes new tickets yet; they wait until one is set up."""

    code = "duty.no_intake_desk"


class BadShift(Invalid):
    code = "duty.bad_shift"


class NameTaken(Conflict):
    code = "duty.name_taken"


class DeskNotFound(NotFound):
    code = "duty.desk_not_found"


class SeatNotFound(NotFound):
    code = "duty.seat_not_found"


class ShiftNotFound(NotFound):
    code = "duty.shift_not_found"


class PersonUnknown(NotFound):
    code = "duty.person_unknown"
