"""Who may come in: limits that hold before anybody has shown who he is, and the token that shows it."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

from websockets.asyncio.server import ServerConnection

from ivr.adapters.browser_line.config import BrowserLineConfig
from ivr.adapters.browser_line.messages import Closing
from ivr.domain.phone_token import PhoneToken, PhoneTokenWrong

ReadToken = Callable[[str], PhoneToken]
"""Opens a token of the web process; raises PhoneTokenWrong."""


class Refused(Exception):
    """Told to the browser, which is then left."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Admission:
    def __init__(self, config: BrowserLineConfig, read_token: ReadToken) -> None:
        self._config = config
        self._read_token = read_token
        self._sockets = 0
        self._strangers = 0
        self._used: dict[str, float] = {}
        """Serials of tokens that were shown, until they are over anyway."""

    @property
    def is_crowded(self) -> bool:
        return self._strangers >= self._config.most_strangers

    @contextlib.contextmanager
    def stranger(self) -> Iterator[None]:
        """Somebody has come and has not yet said who he is."""
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    def counted_connection(self) -> type[ServerConnection]:
        """Connections beyond the limit are cut off before a byte of them is read."""
        admission = self

        class Counted(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                admission._sockets += 1
                if admission._sockets > admission._config.most_sockets:
                    self.transport.abort()

            def connection_lost(self, exc: Exception | None) -> None:
                admission._sockets -= 1
                super().connection_lost(exc)

        return Counted

    def token(self, text: str, origin: str) -> PhoneToken:
        """The token, for its first and only use, by the page that asked for it. Raises Refused."""
        try:
            token = self._read_token(text)
        except PhoneTokenWrong as error:
            raise Refused(Closing.REFUSED, error.code) from None
        if token.origin != origin:
            raise Refused(Closing.REFUSED, "phone.origin_wrong")
        self._forget_expired(time.time())
        if token.serial in self._used:
            raise Refused(Closing.REFUSED, "phone.token_used")
        self._used[token.serial] = token.expires_at
        return token

    def _forget_expired(self, now: float) -> None:
        for serial in [serial for serial, expires_at in self._used.items() if expires_at < now]:
            del self._used[serial]

    def citizen(self, token: PhoneToken, live: Iterable[PhoneToken]) -> None:
        """Is there room for one more call of a citizen? Raises Refused."""
        addresses = [each.address for each in live]
        if len(addresses) >= self._config.max_citizens:
            raise Refused(Closing.FULL, "phone.full")
        if token.address and addresses.count(token.address) >= self._config.calls_per_address:
            raise Refused(Closing.FULL, "phone.too_many_calls")
