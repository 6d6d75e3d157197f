"""The rules of signing in that a supervisor may change."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    max_failures: int
    """Wrong passwords for one login within the window; from then on it is refused."""
    window: timedelta
    session_life: timedelta
    """From the sign-in, fixed: a session does not grow by being used, because a seat's machine is
    shared by shifts and must not stay open when its person has gone home."""
    address_factor: int = 10
    """An address may fail so many times as often as a login: a whole hall may share one address."""

    @property
    def max_failures_per_address(self) -> int:
        return self.max_failures * self.address_factor
