"""Password hashes by Argon2id (RFC 9106, low-memory profile unless told otherwise)."""

import threading

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 4
"""Each hash takes 64 MiB: a flood of sign-ins may wait, but must not eat the machine's memory."""


class Argon2Hasher:
    """Thread-safe. The parameters are for tests; the defaults are the library's recommendation."""

    def __init__(
        self,
        *,
        time_cost: int = argon2.DEFAULT_TIME_COST,
        memory_cost_kib: int = argon2.DEFAULT_MEMORY_COST,
        parallelism: int = argon2.DEFAULT_PARALLELISM,
    ) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_cost_kib, parallelism=parallelism)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turns:
            return self._argon2.hash(_bytes(password))

    def verify(self, password_hash: str, password: str) -> bool:
        with self._turns:
            try:
                return self._argon2.verify(password_hash, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False

    def needs_rehash(self, password_hash: str) -> bool:
        return self._argon2.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """JSON can carry half a surrogate pair; that is a wrong password, not a crash."""
    return password.encode("utf-8", "surrogatepass")
