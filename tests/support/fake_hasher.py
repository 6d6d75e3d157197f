"""A password hash for tests: fast, readable, and it counts how often it was asked."""

import threading


class FakeHasher:
    """`version` stands for the parameters of a real one: a hash of an older version wants rehashing."""

    def __init__(self, version: str = "v1") -> None:
        self.version = version
        self.verified: list[str] = []
        """The hashes that passwords were measured against."""
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        return f"{self.version}${password}"

    def verify(self, password_hash: str, password: str) -> bool:
        with self._lock:
            self.verified.append(password_hash)
        return password_hash.partition("$")[2] == password

    def needs_rehash(self, password_hash: str) -> bool:
        return not password_hash.startswith(f"{self.version}$")
