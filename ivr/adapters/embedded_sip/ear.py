"""A listener for telephones that act by what they hear: tells when the line has spoken, beeped or fallen quiet."""

import asyncio

import numpy as np

from ivr.ports import SAMPLE_RATE

_FRAME = SAMPLE_RATE // 50
_QUIET_LEVEL = 100.0  # root mean square of 32768: -50 dBFS
_TONE_SHARE = 0.85  # of a frame's energy in one narrow band: a tone, not a voice
_BEEP_FRAMES = 6  # at least 120 ms of it
_QUIET_FRAMES = 60  # pauses between sentences are shorter than 1.2 s


class Ear:
    """Feed it PCM; `heard` is set at the first sound, `beeped` after the first beep has ended, `quiet` while
    nothing was heard for a while after a sound."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.beeped = asyncio.Event()
        self.quiet = asyncio.Event()
        self._rest = b""
        self._tone_frames = 0
        self._tone_band = -1
        self._quiet_frames = 0

    def start_over(self) -> None:
        """Forget what was heard: the next beep or silence counts."""
        for sign in (self.heard, self.beeped, self.quiet):
            sign.clear()
        self._tone_frames = self._quiet_frames = 0

    def hear(self, pcm: bytes) -> None:
        self._rest += pcm
        size = 2 * _FRAME
        while len(self._rest) >= size:
            self._hear_frame(np.frombuffer(self._rest[:size], dtype="<i2").astype(np.float32))
            self._rest = self._rest[size:]

    def _hear_frame(self, frame: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> None:
        level = float(np.sqrt(np.mean(frame**2)))
        if level < _QUIET_LEVEL:
            self._quiet_frames += 1
            if self.heard.is_set() and self._quiet_frames >= _QUIET_FRAMES:
                self.quiet.set()
            self._end_tone()
            return
        self.heard.set()
        self._quiet_frames = 0
        self.quiet.clear()
        band = self._band_of_tone(frame)
        if band < 0 or abs(band - self._tone_band) > 1:
            self._end_tone()
        self._tone_band = band
        self._tone_frames = self._tone_frames + 1 if band >= 0 else 0

    def _end_tone(self) -> None:
        if self._tone_frames >= _BEEP_FRAMES:
            self.beeped.set()
        self._tone_frames, self._tone_band = 0, -1

    @staticmethod
    def _band_of_tone(frame: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> int:
        """The band (50 Hz wide) that holds nearly all the energy, or -1."""
        power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)))) ** 2
        peak = int(np.argmax(power))
        share = float(power[max(0, peak - 2) : peak + 3].sum() / max(float(power.sum()), 1.0))
        return peak if share > _TONE_SHARE and peak >= 6 else -1
