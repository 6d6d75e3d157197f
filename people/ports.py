"""What signing in needs from a password hash."""

from typing import Protocol


class PasswordHasher(Protocol):
    """A slow, salted hash. Any text is a password to it, however odd."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str, password: str) -> bool:
        """False for a wrong password and for a hash it cannot read; it never raises for either."""
        ...

    def needs_rehash(self, password_hash: str) -> bool:
        """True when it was made with weaker parameters than today's."""
        ...
