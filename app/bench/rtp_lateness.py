"""How regularly a stream of 20 ms frames came in. Pure arithmetic on what the receiver noted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FRAME_MS = 20.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One stream: RTP sequence numbers and the kernel's receive times (seconds since the epoch), as they came."""

    sequence: Sequence[int]
    at_s: Sequence[float]

    def within(self, from_s: float, to_s: float) -> "Arrivals":
        kept = [(number, at) for number, at in zip(self.sequence, self.at_s, strict=True) if from_s <= at < to_s]
        return Arrivals([number for number, _ in kept], [at for _, at in kept])


def frame_numbers(arrivals: Arrivals) -> npt.NDArray[np.int64]:
    """Sequence numbers counted from the first frame, without their wrap at 65536 (for less than 10 minutes)."""
    sequence = np.asarray(arrivals.sequence, dtype=np.int64)
    return (sequence - sequence[:1] + 0x8000 & 0xFFFF) - 0x8000


def lateness_ms(arrivals: Arrivals) -> npt.NDArray[np.float64]:
    """How far each frame lies behind the stream's own 20 ms grid, drawn through its most punctual frame.

    The harshest reading: it is what a receiver's playout buffer would have to bridge.
    """
    if not len(arrivals.sequence):
        return np.empty(0)
    at_ms = (np.asarray(arrivals.at_s) - arrivals.at_s[0]) * 1000
    behind = at_ms - frame_numbers(arrivals) * FRAME_MS
    late: npt.NDArray[np.float64] = behind - behind.min()
    return late


def lost_frames(arrivals: Arrivals) -> int:
    """Frames between the first and the last that never came."""
    if not len(arrivals.sequence):
        return 0
    numbers = frame_numbers(arrivals)
    return int(numbers.max() - numbers.min()) + 1 - len(np.unique(numbers))
