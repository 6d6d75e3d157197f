"""The sound of one browser call: a MediaStream over whichever socket the browser has at the moment.

Time goes on while the network is away: what is played then is lost, what is not heard is silence.
"""

import asyncio

from ivr.adapters.browser_line.messages import FRAME_BYTES, say
from ivr.adapters.browser_line.waiting_frames import WaitingFrames
from ivr.adapters.browser_line.wire import Wire
from ivr.adapters.counters import Count, Counters
from ivr.adapters.frame_clock import FrameClock, Turn
from ivr.ports import MediaListener, SoundEncoding

_QUIET_AFTER_TICKS = 10


class BrowserStream:
    """Implements ivr.ports.MediaStream."""

    def __init__(self, clock: FrameClock, counters: Counters) -> None:
        self.listener: MediaListener | None = None
        self.wire: Wire | None = None
        self._clock = clock
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self.last_heard_at = self._loop.time()
        self._sound = b""
        self._at = 0
        self._is_playing = False
        self._quiet_ticks = _QUIET_AFTER_TICKS
        self._heard: WaitingFrames | None = None
        clock.add(self, {Turn.HEAR: self._hear_on, Turn.SEND: self._send_on})

    @property
    def encoding(self) -> SoundEncoding:
        return SoundEncoding.PCM16

    def close(self) -> None:
        self._clock.remove(self)

    # --- MediaStream ---

    def play(self, sound: bytes) -> None:
        self._sound = self._sound[self._at :] + sound
        self._at = 0
        self._is_playing = True

    def discard(self) -> None:
        self._sound, self._at, self._is_playing = b"", 0, False

    def start_hearing(self, *, is_live: bool = False) -> None:
        """Always live: what comes late is kept, and the delay taken back."""
        self._heard = WaitingFrames()

    def stop_hearing(self) -> None:
        if self._heard is not None:
            heard, self._heard = self._heard, None
            self._hand_over(heard.take_rest())

    # --- from the browser ---

    def take_frame(self, frame: bytes) -> None:
        self.last_heard_at = self._loop.time()
        if self._heard is not None:
            for _ in range(self._heard.put(frame)):
                self._counters.add(Count.LATE_FRAMES)

    # --- driven by the clock ---

    def _hear_on(self) -> None:
        if self._heard is not None:
            self._hand_over(self._heard.take())

    def _send_on(self) -> None:
        if self._is_playing:
            self._send_frame()
        elif self._quiet_ticks < _QUIET_AFTER_TICKS:
            self._quiet_ticks += 1
            if self._quiet_ticks == _QUIET_AFTER_TICKS:
                self._tell_sound(is_on=False)

    def _send_frame(self) -> None:
        if self._quiet_ticks == _QUIET_AFTER_TICKS:
            self._tell_sound(is_on=True)
        self._quiet_ticks = 0
        frame = self._sound[self._at : self._at + FRAME_BYTES]
        self._at += FRAME_BYTES
        if self.wire is not None:
            self.wire.send_frame(frame.ljust(FRAME_BYTES, b"\0"))
        if self._at >= len(self._sound):
            self.discard()
            if self.listener is not None:
                self.listener.sound_played()

    def _tell_sound(self, *, is_on: bool) -> None:
        if self.wire is not None:
            self.wire.send_text(say("sound", on=is_on))

    def _hand_over(self, pcm: bytes) -> None:
        if pcm and self.listener is not None:
            self.listener.frame_heard(pcm)
