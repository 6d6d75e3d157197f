"""What the line met and did, in numbers. Oddities are logged too, but never faster than a person can read."""

import time
from collections import Counter
from enum import StrEnum

import structlog

log = structlog.get_logger(__name__)

_LOG_EVERY_S = 10.0


class Count(StrEnum):
    CALLS_IN = "calls_in"
    CALLS_OUT = "calls_out"
    REGISTRATIONS = "registrations"
    CALLS_OVER_LIMIT = "calls_over_limit"
    NO_COMMON_CODEC = "no_common_codec"
    DEAD_MEDIA = "dead_media"
    NO_ACK = "no_ack"
    REPEATED_REQUESTS = "repeated_requests"
    STRAY_MESSAGES = "stray_messages"
    """Well-formed SIP that belongs to nothing: responses, BYEs, ACKs of no dialogue."""
    STRANGER_SIP = "stranger_sip"
    NOT_SIP = "not_sip"
    MALFORMED_SIP = "malformed_sip"
    OVERSIZE_SIP = "oversize_sip"
    SLOW_CONNECTIONS = "slow_connections"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    STRANGER_RTP = "stranger_rtp"
    MALFORMED_RTP = "malformed_rtp"
    LATE_RTP = "late_rtp"
    LATE_TICKS = "late_ticks"
    """Frame ticks more than 10 ms behind their time: the event loop was held up."""
    BROWSERS_REFUSED = "browsers_refused"
    """No token, a wrong or used one, another page's, or no room: the reason is told and logged."""
    BROWSERS_MALFORMED = "browsers_malformed"
    BROWSERS_FLOODING = "browsers_flooding"
    BROWSERS_LOST = "browsers_lost"
    """Sockets that broke in the middle of a call."""
    LATE_FRAMES = "late_frames"
    """20 ms each that were dropped because a browser was more than a second behind, either way."""


class Counters:
    """Read `counters[Count.NOT_SIP]` or `snapshot()`."""

    def __init__(self) -> None:
        self._numbers: Counter[Count] = Counter()
        self._logged: dict[Count, tuple[float, int]] = {}

    def __getitem__(self, what: Count) -> int:
        return self._numbers[what]

    def snapshot(self) -> dict[str, int]:
        return {what.value: self._numbers[what] for what in Count}

    def add(self, what: Count) -> None:
        self._numbers[what] += 1

    def odd(self, what: Count, **facts: object) -> None:
        """Count an oddity and log it, at most once in ten seconds per kind with the number since."""
        self._numbers[what] += 1
        now = time.monotonic()
        logged_at, total = self._logged.get(what, (-_LOG_EVERY_S, 0))
        if now - logged_at >= _LOG_EVERY_S:
            self._logged[what] = (now, self._numbers[what])
            log.warning("line.oddity.met", kind=what.value, since_last=self._numbers[what] - total, **facts)
