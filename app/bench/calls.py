"""Calls held at once in one telephony process on one core: jitter of what it sends, and CPU per call.

Every call is at its heaviest: a prompt goes out and a recording comes in, all the time. SIPp does the callers'
signalling, `rtp_peer.py` their audio. The yardstick is a bare asyncio loop that moves the same packets.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from app.bench import rtp_peer
from app.bench.calls_sides import BEGIN, END, STOP, Kept, Load, hold_calls, move_packets
from app.bench.figures import Aim, Figure, percentile
from app.bench.rtp_lateness import FRAME_MS, Arrivals, lateness_ms, lost_frames
from app.bench.side import ask, side
from app.bench.sipp_callers import CallsFailed, sipp_callers

_AIM_CALLS = 100
_AIM_JITTER_MS = 10
_PER_SECOND = 25
_SETTLE_S = 1.0
_SLACK_S = 4.0
_HEARD_WITHIN_S = 30.0
_COMPLETE = 0.97
"""Share of the window's frames without which a call does not count as held."""


@dataclass(frozen=True, slots=True)
class Held:
    """One window of one side. `calls` counts those whose frames came through."""

    calls: int
    jitter_p50_ms: float
    jitter_p99_ms: float
    timer_p99_ms: float
    lost_frames: int
    cpu_percent: float


def measure_calls(folder: Path, *, levels: Sequence[int] = (25, 50, 100), window_s: float = 10.0) -> list[Figure]:
    """For each number of calls the bare loop first, then the line, in windows of the same length."""
    figures = []
    for calls in levels:
        bare = _bare_loop(calls, window_s)
        line, kept = _line(folder / f"calls-{calls}", calls, window_s)
        both_ways = min(line.calls, sum(1 for heard in kept.heard_ms if heard >= _COMPLETE * window_s * 1000))
        figures += _figures(calls, both_ways, line, kept, bare)
    return figures


def _figures(calls: int, both_ways: int, line: Held, kept: Kept, bare: Held) -> list[Figure]:
    is_promised = calls == _AIM_CALLS
    jitter_aim = Aim.below(_AIM_JITTER_MS) if is_promised else None
    calls_aim = Aim.at_least(_AIM_CALLS) if is_promised else None
    key, of = f"calls_{calls}", f"{calls} calls:"
    line_cpu, bare_cpu = (round(side.cpu_percent / calls, 3) for side in (line, bare))
    return [
        Figure(f"{key}_held", f"{of} held, audio both ways", both_ways, "calls", calls_aim),
        Figure(f"{key}_jitter_p99_ms", f"{of} jitter p99", round(line.jitter_p99_ms, 2), "ms", jitter_aim),
        Figure(f"{key}_jitter_p50_ms", f"{of} jitter p50", round(line.jitter_p50_ms, 2), "ms"),
        Figure(f"{key}_bare_jitter_p99_ms", f"{of} jitter p99, bare loop", round(bare.jitter_p99_ms, 2), "ms"),
        Figure(f"{key}_jitter_ratio", f"{of} jitter p99, line : bare loop", _ratio(line, bare, "jitter_p99_ms")),
        Figure(f"{key}_timer_p99_ms", f"{of} sender's timers late, p99", round(line.timer_p99_ms, 2), "ms"),
        Figure(f"{key}_lost_frames", f"{of} frames lost", line.lost_frames, "frames"),
        Figure(f"{key}_late_ticks", f"{of} ticks over 10 ms late, whole run", kept.late_ticks, "ticks"),
        Figure(f"{key}_cpu_percent", f"{of} CPU", round(line.cpu_percent, 1), "% of a core"),
        Figure(f"{key}_cpu_per_call", f"{of} CPU per call", line_cpu, "% of a core"),
        Figure(f"{key}_bare_cpu_per_call", f"{of} CPU per call, bare loop", bare_cpu, "% of a core"),
        Figure(f"{key}_cpu_ratio", f"{of} CPU, line : bare loop", _ratio(line, bare, "cpu_percent")),
    ]  # fmt: skip


def _ratio(line: Held, bare: Held, name: str) -> float:
    return round(float(getattr(line, name) / getattr(bare, name)), 2)


def _bare_loop(calls: int, window_s: float) -> Held:
    sender, receiver = _cores()
    with (
        side(rtp_peer.speak_and_listen, calls, receiver) as (peer, ports),
        side(move_packets, ports, sender) as (orders, _),
    ):
        held = _window(peer, orders, calls, window_s)
        ask(orders, STOP)
        return held


def _line(folder: Path, calls: int, window_s: float) -> tuple[Held, Kept]:
    sender, receiver = _cores()
    ramp_s = calls / _PER_SECOND
    hold_s = ramp_s + _SETTLE_S + window_s + _SLACK_S
    with (
        side(rtp_peer.speak_and_listen, calls, receiver) as (peer, ports),
        side(hold_calls, str(folder / "recordings"), calls, sender) as (orders, port),
        sipp_callers(
            folder / "sipp", to_port=port, media_ports=ports, per_second=_PER_SECOND, hold_s=hold_s, core=receiver
        ) as callers,
    ):
        held = _window(peer, orders, calls, window_s, is_over=lambda: callers.has_ended)
        callers.finish(within_s=hold_s + ramp_s + 30)
        kept: Kept = ask(orders, STOP)
        return held, kept


def _window(
    peer: Connection, orders: Connection, calls: int, window_s: float, is_over: Callable[[], bool] = lambda: False
) -> Held:
    """Wait until every call is heard, then look at `window_s` of them."""
    deadline = time.monotonic() + _HEARD_WITHIN_S
    while ask(peer, rtp_peer.FLOWING) < calls:
        if is_over() or time.monotonic() > deadline:
            raise CallsFailed(f"not all of {calls} calls could be heard")
        time.sleep(0.05)
    time.sleep(_SETTLE_S)
    orders.send(BEGIN)
    from_s = time.time()
    time.sleep(window_s)
    to_s = time.time()
    load: Load = ask(orders, END)
    streams: list[Arrivals] = [stream.within(from_s, to_s) for stream in ask(peer, rtp_peer.ARRIVALS)]
    frames_due = (to_s - from_s) * 1000 / FRAME_MS
    late = np.concatenate([lateness_ms(stream) for stream in streams])
    return Held(
        calls=min(load.live_calls, sum(1 for each in streams if len(each.sequence) >= _COMPLETE * frames_due)),
        jitter_p50_ms=percentile(late.tolist(), 0.5),
        jitter_p99_ms=percentile(late.tolist(), 0.99),
        timer_p99_ms=percentile(load.timer_lateness_ms, 0.99),
        lost_frames=sum(lost_frames(stream) for stream in streams),
        cpu_percent=100 * load.cpu_s / load.wall_s,
    )


def _cores() -> tuple[int | None, int | None]:
    """One core for the side that is measured, another for its peers; None where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[-1]) if len(cores) > 1 else (cores[0], None)
