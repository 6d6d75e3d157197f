"""Keeps what is heard true in time: Asterisk sends frames only while the caller's phone does."""

from ivr.ports import SAMPLE_RATE

_LAG_SAMPLES = SAMPLE_RATE * 3 // 10
"""So much may be under way; what is missing beyond it was never sent."""


class SteadySound:
    """Counts samples against the clock from its making on. PCM in, PCM out."""

    def __init__(self, now: float) -> None:
        self._began_at = now
        self._samples = 0

    def take(self, pcm: bytes, now: float) -> bytes:
        """The part of it that is not too much: after a filled gap late sound is dropped, it has been replaced."""
        ahead = self._samples - self._expected(now)
        if ahead > _LAG_SAMPLES:
            return b""
        self._samples += len(pcm) // 2
        return pcm

    def fill(self, now: float) -> bytes:
        """Silence in place of what should have come by now."""
        missing = self._expected(now) - self._samples
        if missing <= _LAG_SAMPLES:
            return b""
        self._samples += missing
        return bytes(2 * missing)

    def _expected(self, now: float) -> int:
        return int((now - self._began_at) * SAMPLE_RATE)
