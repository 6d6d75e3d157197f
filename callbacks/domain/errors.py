"""What can go wrong with a callback, by name."""

from kit.errors import Conflict, Forbidden, Invalid, NotFound


class CallbackTaskNotFound(NotFound):
    code = "callback.not_found"


class CallbackAttemptNotFound(NotFound):
    code = "callback.attempt_not_found"


class RatingNotFound(NotFound):
    code = "rating.not_found"


class CallbackActionNotAllowed(Conflict):
    code = "callback.action_not_allowed"


class AttemptReleased(Conflict):
    """The right to dial was taken back (or used) meanwhile: whoever gets this must not dial."""

    code = "callback.attempt_released"


class HandlerMayNotRate(Forbidden):
    """Whoever handled the ticket can neither start, hear nor change its rating."""

    code = "rating.handler_excluded"


class RatingWrong(Invalid):
    """A level outside 1–5, or a rating for a call that asks for none."""

    code = "rating.wrong"


class RatingIncomplete(Invalid):
    """The citizen was reached, so both questions need an answer (or the first a 'no')."""

    code = "rating.incomplete"


class NoteNeeded(Invalid):
    """A task closed without a rating says why."""

    code = "callback.note_needed"


class LadderWrong(Invalid):
    """The retry ladder names an outcome that does not exist or is never retried."""

    code = "policy.ladder_wrong"
