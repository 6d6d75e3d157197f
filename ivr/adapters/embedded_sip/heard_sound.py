"""Puts received G.711 packets back in time: order, gaps and pauses as they were spoken."""

from ivr.ports import SAMPLE_RATE

_AHEAD_SAMPLES = SAMPLE_RATE  # a packet may be this much ahead of the clock
_OUT_OF_STEP_PACKETS = 10  # so many late or far-ahead packets in a row: the sender's clock jumped


class HeardSound:
    """A window of sound, one byte per sample, filled by RTP timestamp and emptied by our clock.

    It lags behind by `lag_samples` so that reordered and delayed packets still find their place;
    whatever is missing then is silence.
    """

    def __init__(self, silence_byte: bytes, lag_samples: int) -> None:
        self._silence = silence_byte
        self._lag = lag_samples
        self._window = bytearray(silence_byte * (lag_samples + _AHEAD_SAMPLES))
        self._filled = 0  # samples of the window up to the newest packet's end
        self._anchor: int | None = None  # RTP timestamp of the window's first sample
        self._source = -1
        self._out_of_step = 0
        self._owed = lag_samples  # clock samples that may not be handed out yet

    def put(self, source: int, timestamp: int, sound: bytes) -> bool:
        """Place one packet; False when it came too late to be of use."""
        if self._anchor is None or source != self._source:
            self._anchor_at(source, timestamp)
        assert self._anchor is not None
        at = (timestamp - self._anchor + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        if at < 0 or at + len(sound) > len(self._window):
            self._out_of_step += 1
            if self._out_of_step < _OUT_OF_STEP_PACKETS:
                return False
            self._anchor_at(source, timestamp)
            at = self._lag - self._owed
        self._out_of_step = 0
        end = min(at + len(sound), len(self._window))
        self._window[at:end] = sound[: end - at]
        self._filled = max(self._filled, end)
        return True

    def _anchor_at(self, source: int, timestamp: int) -> None:
        """The packet just received belongs to the present moment of our clock."""
        now = self._lag - self._owed
        self._source = source
        self._anchor = timestamp - now & 0xFFFFFFFF
        self._out_of_step = 0

    def take(self, samples: int) -> bytes:
        """The clock moved on by `samples`: what has become due, possibly nothing yet."""
        if self._owed > 0:
            self._owed -= samples
            return b""
        return self._shift(samples)

    def take_rest(self) -> bytes:
        """Everything up to the newest packet or the present moment, whichever is earlier to miss nothing."""
        return self._shift(max(self._filled, self._lag - max(self._owed, 0)))

    def _shift(self, samples: int) -> bytes:
        due = bytes(self._window[:samples])
        del self._window[:samples]
        self._window += self._silence * samples
        self._filled = max(0, self._filled - samples)
        if self._anchor is not None:
            self._anchor = self._anchor + samples & 0xFFFFFFFF
        return due
