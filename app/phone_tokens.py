"""Tokens for the browser line: the web process writes them, telephony reads them, with a key in the data folder."""

import os
import secrets
from functools import cached_property
from pathlib import Path

from config.settings import Settings
from ivr.domain.phone_token import ANONYMOUS, GOOD_FOR, PhoneToken, opened, sealed
from kit.clock import Clock
from kit.ids import new_id

_KEY_BYTES = 32


class PhoneTokens:
    """Cheap to build; the key is read, or made, at the first use."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._path = settings.data_dir / "phone.key"
        self._clock = clock

    def for_citizen(self, *, origin: str, address: str) -> str:
        return self._sealed("", origin=origin, address=address)

    def for_seat(self, person_id: str, *, origin: str, address: str) -> str:
        return self._sealed(person_id, origin=origin, address=address)

    def read(self, text: str) -> PhoneToken:
        """Raises PhoneTokenWrong."""
        return opened(text, self._key, self._clock.now())

    def _sealed(self, person_id: str, *, origin: str, address: str) -> str:
        expires_at = (self._clock.now() + GOOD_FOR).timestamp()
        return sealed(PhoneToken(new_id(), person_id, ANONYMOUS, origin, address, expires_at), self._key)

    @cached_property
    def _key(self) -> bytes:
        if not self._path.exists():
            _make_key(self._path)
        return self._path.read_bytes()


def _make_key(path: Path) -> None:
    """Whole or not at all; of two processes that make it at once, the first one's counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{new_id()}")
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)
        except FileExistsError:
            return
    finally:
        made.unlink(missing_ok=True)
