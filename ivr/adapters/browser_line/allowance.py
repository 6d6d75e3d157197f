"""How many messages a browser may send: a steady rate, and a store of it for what a stalled network held back."""


class Allowance:
    """A bucket that fills by time. `takes` is False for who sends too much."""

    def __init__(self, per_s: float, at_once: float) -> None:
        self._per_s = per_s
        self._at_once = at_once
        self._left = at_once
        self._seen_at: float | None = None

    def takes(self, now: float) -> bool:
        if self._seen_at is not None:
            self._left = min(self._at_once, self._left + (now - self._seen_at) * self._per_s)
        self._seen_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
