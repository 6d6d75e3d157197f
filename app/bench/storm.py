"""Thirty calls a second for a minute, each given up during the greeting: is every one of them in the books?

Every call has a number of its own, so that one which is missing is not made good by another that is there twice.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from app.bench.figures import Aim, Figure
from app.bench.sipp_callers import CallsFailed, sipp_callers
from app.bootstrap import Services, build_services
from app.demo.house import House
from app.views.call_log import ended_callers
from kit.errors import Unavailable
from kit.phone_number import normalise

_PER_SECOND = 30
_SECONDS = 60
_HOLD_S = 0.3
_NOBODY = 9
"""The discard port: these callers do not listen."""
_FILED_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.5


class CallsLost(Unavailable):
    code = "bench.calls_lost"


def measure_storm(
    house: House, folder: Path, *, per_second: int = _PER_SECOND, seconds: int = _SECONDS
) -> list[Figure]:
    """Raises CallsFailed when a call was not answered or not ended, CallsLost when one is not in the books once."""
    calls = per_second * seconds
    services = build_services(house.settings)
    since = services.clock.now()
    with sipp_callers(
        folder / "storm", to_port=house.settings.sip_port, media_ports=[_NOBODY] * calls,
        per_second=per_second, hold_s=_HOLD_S,
    ) as callers:  # fmt: skip
        callers.finish(within_s=seconds + 60)
        delays = callers.answer_delays_ms()
        placed = callers.numbers
    if len(delays) != calls:
        raise CallsFailed(f"{len(delays)} of {calls} calls were answered")
    over_at = time.monotonic()
    while (complaint := what_is_wrong(placed, _ended_calls(services, since))) is not None:
        if time.monotonic() - over_at > _FILED_WITHIN_S:
            raise CallsLost(complaint)
        time.sleep(_LOOK_EVERY_S)
    behind_s = round(time.monotonic() - over_at, 1)
    return [
        Figure("storm_calls", f"calls, {per_second} a second, all answered", calls, "calls"),
        Figure("storm_lost", "not in the call log with their end", 0, "calls", Aim.below(1)),
        Figure("storm_behind_s", "after the last call, until all were in the log", behind_s, "s"),
    ]


def what_is_wrong(placed: Collection[str], in_books: Iterable[str]) -> str | None:
    """None: every number that called is in the books, and exactly once."""
    times = Counter(map(normalise, in_books))
    missing = sum(not times[normalise(number)] for number in placed)
    repeated = sum(times[normalise(number)] > 1 for number in placed)
    if not missing and not repeated:
        return None
    return f"of {len(placed)} calls {missing} are not in the books, and {repeated} more than once"


def _ended_calls(services: Services, since: datetime) -> list[str]:
    with services.db.reading() as session:
        return ended_callers(session, since)
