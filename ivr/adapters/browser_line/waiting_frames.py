"""A small store of frames between a browser's uneven network and our even clock."""

import audioop
from collections import deque

from ivr.adapters.browser_line.messages import FRAME_BYTES

LAG_FRAMES = 2
"""So many frames are kept in hand in quiet times: 40 ms against uneven arrival."""
_MOST_FRAMES = 50
"""One second. Who is further behind loses the oldest: a conversation cannot wait."""
_QUIET = 200  # effective value of 16-bit samples; speech lies far above it
_SILENCE = bytes(FRAME_BYTES)


class WaitingFrames:
    """First in, first out; silence when there is none. Frames that came late are kept, so no word is lost, and the
    delay that they brought is taken back by leaving out quiet ones."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._owed = LAG_FRAMES  # ticks that give nothing yet

    def put(self, frame: bytes) -> int:
        """Returns how many frames were dropped for it."""
        self._frames.append(frame)
        dropped = 0
        while len(self._frames) > _MOST_FRAMES:
            self._frames.popleft()
            dropped += 1
        return dropped

    def take(self) -> bytes:
        """What is due at this tick; at the very beginning nothing yet."""
        if self._owed:
            self._owed -= 1
            return b""
        while len(self._frames) > LAG_FRAMES + 1 and audioop.rms(self._frames[0], 2) < _QUIET:
            self._frames.popleft()
        return self._frames.popleft() if self._frames else _SILENCE

    def take_rest(self) -> bytes:
        """Everything that came so far."""
        rest = b"".join(self._frames)
        self._frames.clear()
        return rest
