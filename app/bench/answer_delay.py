"""How long a caller waits for the pick-up: INVITE to 200, as SIPp saw it from outside a whole running hotline."""

from pathlib import Path

from app.bench.figures import Figure, percentile
from app.bench.sipp_callers import CallsFailed, sipp_callers
from app.demo.house import House

_CALLS = 50
_PER_SECOND = 5
_HOLD_S = 0.3
_NOBODY = 9
"""The discard port: these callers do not listen."""


def measure_answer_delay(house: House, folder: Path, *, calls: int = _CALLS) -> list[Figure]:
    """One call after the other, each hung up during the greeting."""
    with sipp_callers(
        folder / "answer-delay",
        to_port=house.settings.sip_port,
        media_ports=[_NOBODY] * calls,
        per_second=_PER_SECOND,
        hold_s=_HOLD_S,
    ) as callers:
        callers.finish(within_s=calls / _PER_SECOND + 30)
        delays = callers.answer_delays_ms()
    if len(delays) != calls:
        raise CallsFailed(f"{len(delays)} of {calls} calls were timed")
    return [
        Figure("answer_calls", "calls answered", len(delays), "calls"),
        Figure("answer_delay_p50_ms", "INVITE to 200, p50", round(percentile(delays, 0.5), 1), "ms"),
        Figure("answer_delay_p95_ms", "INVITE to 200, p95", round(percentile(delays, 0.95), 1), "ms"),
    ]
