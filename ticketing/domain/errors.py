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


class NumberNotAllowed(Forbidden):
    """The policy does not let agents have it dialled."""

    code = "seat_call.number_not_allowed"


class SeatCallMovedOn(Conflict):
    """The call was taken, moved on or ended in the same moment."""

    code = "seat_call.moved_on"


class LineFull(Unavailable):
    """As many wait for this desk as may wait."""

    code = "seat_call.line_full"


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


class DepartmentNotFound(NotFound):
    code = "department.not_found"


class BadDepartment(Invalid):
    """`details["reason"]`: parent_unknown, parent_level, circle."""

    code = "department.bad"


class DepartmentClosed(Conflict):
    """It takes no work: not active, or nothing may be sent to it directly."""

    code = "department.closed"


class NobodyAbove(Conflict):
    code = "department.nobody_above"


class NotInDepartment(Forbidden):
    """Named a department that is not his, or may not grab this ticket."""

    code = "department.not_a_member"


class NotConfirmed(Conflict):
    """The machine was not sure of what it heard: somebody phones the citizen, or decides, before it is sent on."""

    code = "ticket.not_confirmed"


class NeedMissing(Invalid):
    """`details["need"]`: what the action cannot go without."""

    code = "ticket.need_missing"


class NoWorkingTime(Invalid):
    """The calendar says that nobody works any more."""

    code = "clocks.no_working_time"
