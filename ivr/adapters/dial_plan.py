"""Which line dials which number: by what it begins with."""

from collections.abc import Mapping

from ivr.ports import CallControl, Dialler


class DialPlan:
    """A Dialler over the diallers of several lines: `lines` by prefix, everything else goes to `usual`."""

    def __init__(self, usual: Dialler, lines: Mapping[str, Dialler]) -> None:
        self._usual = usual
        self._lines = dict(lines)

    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> CallControl:
        line = next((line for prefix, line in self._lines.items() if number.startswith(prefix)), self._usual)
        return await line.dial(number, call_id=call_id, ring_timeout_s=ring_timeout_s)
