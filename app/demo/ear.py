"""The citizen's ear: follows the WAV that his telephone writes and tells when a beep or a pause was heard."""

import asyncio
from pathlib import Path

from ivr.adapters.embedded_sip.ear import Ear as Hearing
from kit.errors import Unavailable

_HEADER = 44
_FRAME_S = 0.02


class HeardNothing(Unavailable):
    code = "demo.heard_nothing"


class Ear:
    """Listens to one call's incoming sound in the file that the telephone writes; goes only forward."""

    def __init__(self, wav: Path) -> None:
        self._wav = wav
        self._at = _HEADER
        self._hearing = Hearing()

    async def beep(self, timeout_s: float) -> None:
        """Return after the end of a beep."""
        await self._listen_for(self._hearing.beeped, timeout_s, "beep")

    async def pause(self, timeout_s: float) -> None:
        """Return when somebody has spoken and has then been silent for more than a second."""
        await self._listen_for(self._hearing.quiet, timeout_s, "pause")

    async def speech(self, timeout_s: float) -> None:
        """Return when something is heard."""
        await self._listen_for(self._hearing.heard, timeout_s, "speech")

    async def _listen_for(self, sign: asyncio.Event, timeout_s: float, what: str) -> None:
        self._hearing.start_over()
        try:
            async with asyncio.timeout(timeout_s):
                while not sign.is_set():
                    self._hearing.hear(self._new_sound())
                    await asyncio.sleep(_FRAME_S)  # the file has no way to call us
        except TimeoutError:
            raise HeardNothing(f"no {what} heard within {timeout_s:.0f} s") from None

    def _new_sound(self) -> bytes:
        with self._wav.open("rb") as stream:
            stream.seek(self._at)
            data = stream.read()
        data = data[: len(data) - len(data) % 2]
        self._at += len(data)
        return data
