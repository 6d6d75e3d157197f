"""Calls held at once in one telephony process on one core: jitter of what it sends, and CPU per call.

Every call is at its heaviest: a prompt goes out and a recording comes in, all the time. SIPp does the callers'
signalling, `rtp_peer.py` their audio. The yardstick is a bare asyncio loop that moves the same packets.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from app.bench import rtp_peer
from app.bench.calls_sides import Kept, hold_calls, move_packets
from app.bench.figures import Aim, Figure, percentile
from app.bench.heard_window import COMPLETE, SETTLE_S, heard_between, wait_until_heard
from app.bench.orders import BEGIN, END, STOP, Load
from app.bench.side import ask, both_cores, side
from app.bench.sipp_callers import sipp_callers

_AIM_CALLS = 100
_AIM_JITTER_MS = 10
_PER_SECOND = 25
_SLACK_S = 4.0


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
        both_ways = min(line.calls, sum(1 for heard in kept.heard_ms if heard >= COMPLETE * window_s * 1000))
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
    sender, receiver = both_cores()
    with (
        side(rtp_peer.speak_and_listen, calls, receiver) as (peer, ports),
        side(move_packets, ports, sender) as (orders, _),
    ):
        held = _window(peer, orders, calls, window_s)
        ask(orders, STOP)
        return held


def _line(folder: Path, calls: int, window_s: float) -> tuple[Held, Kept]:
    sender, receiver = both_cores()
    ramp_s = calls / _PER_SECOND
    hold_s = ramp_s + SETTLE_S + window_s + _SLACK_S
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
    wait_until_heard(peer, calls, is_over)
    orders.send(BEGIN)
    from_s = time.time()
    time.sleep(window_s)
    to_s = time.time()
    load: Load = ask(orders, END)
    heard = heard_between(ask(peer, rtp_peer.ARRIVALS), from_s, to_s)
    return Held(
        calls=min(load.live_calls, heard.whole_streams),
        jitter_p50_ms=heard.jitter_ms(0.5),
        jitter_p99_ms=heard.jitter_ms(0.99),
        timer_p99_ms=percentile(load.timer_lateness_ms, 0.99),
        lost_frames=heard.lost_frames,
        cpu_percent=100 * load.cpu_s / load.wall_s,
    )
