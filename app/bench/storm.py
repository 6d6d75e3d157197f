"""Thirty calls a second for a minute, each given up during the greeting: is every one of them in the books?"""

import time
from pathlib import Path

from sqlalchemy import func, select

from app.bench.figures import Aim, Figure
from app.bench.sipp_callers import sipp_callers
from app.bootstrap import build_services
from app.demo.house import House
from ivr.domain.call import CallStatus
from ivr.models import Call

_PER_SECOND = 30
_SECONDS = 60
_HOLD_S = 0.3
_NOBODY = 9
"""The discard port: these callers do not listen."""
_FILED_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.5


def measure_storm(house: House, folder: Path, *, per_second: int = _PER_SECOND, seconds: int = _SECONDS) -> list[Figure]:
    """SIPp itself fails when a call is not answered or not ended; the books are asked for the rest."""
    calls = per_second * seconds
    services = build_services(house.settings)
    since = services.clock.now()

    def filed() -> int:
        query = select(func.count()).where(Call.started_at >= since, Call.status == CallStatus.ENDED)
        with services.db.reading() as session:
            return session.scalar(query) or 0

    with sipp_callers(
        folder / "storm", to_port=house.settings.sip_port, media_ports=[_NOBODY] * calls,
        per_second=per_second, hold_s=_HOLD_S,
    ) as callers:  # fmt: skip
        callers.finish(within_s=seconds + 60)
        answered = len(callers.answer_delays_ms())
    over_at = time.monotonic()
    while (in_books := filed()) < calls and time.monotonic() - over_at < _FILED_WITHIN_S:
        time.sleep(_LOOK_EVERY_S)
    behind_s = round(time.monotonic() - over_at, 1)
    return [
        Figure("storm_calls", f"calls, {per_second} a second", calls, "calls"),
        Figure("storm_answered", "answered", answered, "calls", Aim.at_least(calls)),
        Figure("storm_lost", "not in the books", calls - in_books, "calls", Aim.below(1)),
        Figure("storm_behind_s", "after the last call, until all were in the books", behind_s, "s"),
    ]

