"""Named errors with a stable code; what they mean over HTTP is chosen in app/api/errors.py."""

from typing import ClassVar


class HotlineError(Exception):
    """Base of every error a caller can do something about.

    `code` is stable and dotted (`ticket.not_found`); `details` is JSON-serialisable, shown to the
    caller, and never holds a phone number or a transcript.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str = "", **details: str | int | float | bool | None) -> None:
        super().__init__(message or self.code)
        self.message = message or self.code
        self.details = details


class NotFound(HotlineError):
    """The thing does not exist, or this person may not know that it does."""

    code = "not_found"


class Invalid(HotlineError):
    """What was asked for makes no sense as stated."""

    code = "invalid"


class Conflict(HotlineError):
    """It made sense, but somebody or something was faster."""

    code = "conflict"


class Forbidden(HotlineError):
    """Known person, but without the right."""

    code = "forbidden"


class Unavailable(HotlineError):
    """A part that is needed is away; trying again later may work."""

    code = "unavailable"
