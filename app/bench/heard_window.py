"""One window of what the telephones of a measurement heard: who heard everything, how late, how much was lost."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

from app.bench import rtp_peer
from app.bench.figures import percentile
from app.bench.rtp_lateness import FRAME_MS, Arrivals, lateness_ms, lost_frames
from app.bench.side import ask
from app.bench.sipp_callers import CallsFailed

COMPLETE = 0.97
"""Share of the window's frames without which a call does not count as held."""
SETTLE_S = 1.0
_HEARD_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class HeardWindow:
    is_whole: list[bool]
    """Of each telephone, in the order of their ports."""
    lateness_ms: list[float]
    """Of all frames."""
    lost_frames: int

    @property
    def whole_streams(self) -> int:
        return sum(self.is_whole)

    def late_percent(self, than_ms: float) -> float:
        """Share of the frames that were later than so long."""
        return 100 * sum(late > than_ms for late in self.lateness_ms) / len(self.lateness_ms)

    def jitter_ms(self, share: float) -> float:
        return percentile(self.lateness_ms, share)


def heard_between(streams: Sequence[Arrivals], from_s: float, to_s: float, complete: float = COMPLETE) -> HeardWindow:
    """Seconds since the epoch."""
    heard = [stream.within(from_s, to_s) for stream in streams]
    frames_due = (to_s - from_s) * 1000 / FRAME_MS
    return HeardWindow(
        is_whole=[len(stream.sequence) >= complete * frames_due for stream in heard],
        lateness_ms=np.concatenate([lateness_ms(stream) for stream in heard]).tolist(),
        lost_frames=sum(lost_frames(stream) for stream in heard),
    )


def wait_until_heard(peer: Connection, streams: int, is_over: Callable[[], bool] = lambda: False) -> None:
    """Until every telephone hears something, and a moment longer. Raises CallsFailed, at once when `is_over`."""
    deadline = time.monotonic() + _HEARD_WITHIN_S
    while (hearing := ask(peer, rtp_peer.FLOWING)) < streams:
        if is_over() or time.monotonic() > deadline:
            raise CallsFailed(f"only {hearing} of {streams} telephones heard something")
        time.sleep(0.05)
    time.sleep(SETTLE_S)
