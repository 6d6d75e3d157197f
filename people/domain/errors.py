"""What can go wrong with persons and their sign-in, by name."""

from kit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class PersonNotFound(NotFound):
    code = "person.not_found"


class LoginTaken(Conflict):
    code = "person.login_taken"


class LoginNameWrong(Invalid):
    """Not a login name: 1–64 lower-case letters, digits, `.`, `_` or `-`, starting with a letter or digit."""

    code = "person.login_name_wrong"


class DisplayNameWrong(Invalid):
    code = "person.display_name_wrong"


class WeakPassword(Invalid):
    """`details["reason"]`: too_short, too_long, is_login, too_common or too_uniform."""

    code = "person.weak_password"


class LastAdmin(Conflict):
    """Without an active administrator nobody could let anybody in again."""

    code = "person.last_admin"


class LoginWrong(Forbidden):
    """Unknown login, wrong password or a deactivated person: which of them is not told."""

    code = "login.wrong"


class TooManyAttempts(Unavailable):
    """Refused without a look at the password; `details["retry_after_s"]` says for how long."""

    code = "login.too_many_attempts"
