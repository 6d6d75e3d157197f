"""Login and display names: what a name may look like."""

import re

from people.domain.errors import DisplayNameWrong, LoginNameWrong

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DISPLAY_NAME_MAX = 64


def login_name(raw: str) -> str | None:
    """The login as the books have it (lower case, no outer spaces); None when it cannot be one."""
    name = raw.strip().lower()
    return name if _LOGIN.fullmatch(name) else None


def new_login_name(raw: str) -> str:
    """Raises LoginNameWrong."""
    name = login_name(raw)
    if name is None:
        raise LoginNameWrong("a login is 1–64 letters a–z, digits, '.', '_' or '-', and starts with a letter or digit")
    return name


def new_display_name(raw: str) -> str:
    """Raises DisplayNameWrong for an empty or overlong name, or one with control characters."""
    name = raw.strip()
    if not 0 < len(name) <= _DISPLAY_NAME_MAX or not name.isprintable():
        raise DisplayNameWrong(f"a display name has 1–{_DISPLAY_NAME_MAX} printable characters")
    return name
