"""What can go wrong with a callback, by name."""

from kit.errors import Conflict, Forbidden, NotFound


class CallbackTaskNotFound(NotFound):
    code = "callback.not_found"


class CallbackActionNotAllowed(Conflict):
    code = "callback.action_not_allowed"


class HandlerMayNotRate(Forbidden):
    """Whoever handled the ticket can neither start, hear nor change its rating."""

    code = "rating.handler_excluded"
