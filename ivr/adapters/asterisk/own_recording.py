"""A recording that Asterisk makes: begun on a bridge, muted for a while, ended, fetched over HTTP."""

import asyncio
from pathlib import Path

import httpx

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.stack import AsteriskStack
from ivr.domain.errors import RecordingFailed

_FETCH_WITHIN_S = 60.0
_TOLD_WITHIN_S = 1.0
_TRIES = 8
_TRY_AGAIN_S = 1.0


class OwnRecording:
    """By its name it can be found again by a successor of this process."""

    def __init__(self, stack: AsteriskStack, name: str) -> None:
        self.name = name
        self._stack = stack
        self.is_running = False

    async def begin(self, bridge_id: str) -> None:
        """Returns when it runs: before, Asterisk does not know its name. Raises AriAway or AriRefused."""
        path = path_of("bridges", bridge_id, "record")
        await self._ask_and_wait(path, "RecordingStarted", name=self.name, format="wav", ifExists="overwrite")
        self.is_running = True

    async def find(self) -> None:
        """Was it begun by a predecessor? It may have ended by itself, with the last of its people; beginning it anew
        would overwrite it. Raises AriAway or AriRefused."""
        for state in ("live", "stored"):
            try:
                await self._stack.ari.request("GET", path_of("recordings", state, self.name))
            except AriRefused as refused:
                if refused.status != httpx.codes.NOT_FOUND:
                    raise
            else:
                self.is_running = True
                return

    async def mute(self, *, is_muted: bool) -> None:
        """Silence is recorded meanwhile. Raises AriAway or AriRefused."""
        if self.is_running:
            method = "POST" if is_muted else "DELETE"
            await self._stack.ari.request(method, path_of("recordings", "live", self.name, "mute"))

    async def end(self) -> None:
        """Returns when the file is whole. Raises AriAway or AriRefused (404: it had ended by itself)."""
        self.is_running = False
        await self._ask_and_wait(path_of("recordings", "live", self.name, "stop"), "RecordingFinished")

    async def _ask_and_wait(self, path: str, kind: str, **query: str) -> None:
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_event(event: Facts) -> None:
            if event.text("type") in (kind, "RecordingFailed") and not told.done():
                told.set_result(None)

        self._stack.listen(self.name, on_event)
        try:
            await self._stack.ari.request("POST", path, **query)
            await asyncio.wait({told}, timeout=_TOLD_WITHIN_S)  # untold after a cut of ARI: the events were another's
        finally:
            self._stack.unlisten(self.name)

    async def bring(self, path: Path) -> None:
        """End it, put the file at `path`, and remove it there; Asterisk may be away, or on its way back from a death.

        Raises RecordingFailed; then Asterisk keeps what it has.
        """
        tries, clock = 0, asyncio.get_running_loop()
        waits_until = clock.time() + self._stack.config.talk_gone_after_s
        while True:
            try:
                await self._end_and_fetch(path)
            except RecordingFailed:
                tries += self._stack.ari.is_up  # an Asterisk that is away keeps it for us
                if tries >= _TRIES or clock.time() >= waits_until:
                    raise
                await asyncio.sleep(_TRY_AGAIN_S)
            else:
                self.forget()
                return

    async def _end_and_fetch(self, path: Path) -> None:
        try:
            await self.end()
        except AriAway as away:
            raise RecordingFailed(f"not ended: {away}") from None
        except AriRefused as refused:
            if refused.status != httpx.codes.NOT_FOUND:  # that one had ended by itself
                raise RecordingFailed(f"not ended: {refused}") from None
        try:
            await asyncio.to_thread(self._fetch, path)
        except (httpx.HTTPError, OSError) as error:
            raise RecordingFailed(f"not fetched: {type(error).__name__}") from None

    def forget(self) -> None:
        self._stack.remove("recordings", "stored", self.name)

    def _fetch(self, path: Path) -> None:
        """In a thread. Over HTTP, because Asterisk may be on another machine."""
        config = self._stack.config
        address = f"{config.url.rstrip('/')}/{path_of('recordings', 'stored', self.name, 'file')}"
        login = (config.user, config.password)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}.part")
        with (
            httpx.stream("GET", address, auth=login, timeout=_FETCH_WITHIN_S, trust_env=False) as answer,
            half.open("wb") as file,
        ):
            answer.raise_for_status()
            for block in answer.iter_bytes():
                file.write(block)
        half.replace(path)
