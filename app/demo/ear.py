"""The citizen's ear: follows the WAV that his telephone writes and tells when a beep or a pause was heard."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kit.errors import Unavailable

_RATE = 8000
_HEADER = 44
_FRAME = 160  # 20 ms
_LOUD = 300.0  # RMS of 16-bit samples; line noise stays far below, prompts far above


class HeardNothing(Unavailable):
    code = "demo.heard_nothing"


class Ear:
    """Listens to one call's incoming audio, file given by the telephone; position moves only forward."""

    def __init__(self, wav: Path) -> None:
        self._wav = wav
        self._at = _HEADER

    async def beep(self, hertz: float, timeout_s: float) -> None:
        """Return when a pure tone of this frequency has sounded for 100 ms."""
        run = _Run(5)
        await self._until(lambda frame: run.grows(_tone_share(frame, hertz) > 0.7), timeout_s, "beep")

    async def pause(self, silence_ms: int, timeout_s: float) -> None:
        """Return when somebody has spoken and has then been silent for so long."""
        spoken, silent = _Run(10), _Run(silence_ms // 20)

        def is_pause(frame: np.ndarray) -> bool:
            loud = _rms(frame) > _LOUD
            spoken.grows(loud or spoken.is_full)
            return silent.grows(not loud) and spoken.is_full

        await self._until(is_pause, timeout_s, "pause")

    async def speech(self, timeout_s: float) -> None:
        """Return when 100 ms of sound have been heard."""
        run = _Run(5)
        await self._until(lambda frame: run.grows(_rms(frame) > _LOUD), timeout_s, "speech")

    async def _until(self, heard: Callable[[np.ndarray], bool], timeout_s: float, what: str) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for frame in self._new_frames():
                        if heard(frame):
                            return
                    await asyncio.sleep(0.02)  # one frame: the file has no way to call us
        except TimeoutError:
            raise HeardNothing(f"no {what} heard within {timeout_s:.0f} s") from None

    def _new_frames(self) -> list[np.ndarray]:
        with self._wav.open("rb") as stream:
            stream.seek(self._at)
            data = stream.read()
        whole = len(data) - len(data) % (2 * _FRAME)
        self._at += whole
        return list(np.frombuffer(data[:whole], "<i2").astype(np.float64).reshape(-1, _FRAME))


class _Run:
    """Counts consecutive hits."""

    def __init__(self, length: int) -> None:
        self._length, self._count = length, 0

    @property
    def is_full(self) -> bool:
        return self._count >= self._length

    def grows(self, hit: bool) -> bool:
        self._count = self._count + 1 if hit else 0
        return self.is_full


def _rms(frame: np.ndarray) -> float:
    return float(np.sqrt(np.mean(frame**2)))


def _tone_share(frame: np.ndarray, hertz: float) -> float:
    """Share of the frame's energy at this frequency (Goertzel's sum as a dot product), 0 for silence."""
    if _rms(frame) < _LOUD:
        return 0.0
    turn = np.exp(-2j * np.pi * hertz * np.arange(_FRAME) / _RATE)
    return float(2 * np.abs(frame @ turn) ** 2 / (_FRAME * np.sum(frame**2)))
