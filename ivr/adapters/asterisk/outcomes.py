"""What Asterisk's causes (Q.850 numbers, and the SIP status behind them) mean to us."""

from ivr.ports import DialFailure

_NO_MEDIA = 44  # requested circuit not available: chan_pjsip's rtp_timeout ends calls with it

_FAILURE_OF_STATUS = {
    401: DialFailure.CONGESTED,  # our credentials were refused: the trunk's matter, not the citizen's
    403: DialFailure.REJECTED,
    404: DialFailure.INVALID_NUMBER,
    407: DialFailure.CONGESTED,
    410: DialFailure.INVALID_NUMBER,
    484: DialFailure.INVALID_NUMBER,
    486: DialFailure.BUSY,
    600: DialFailure.BUSY,
    603: DialFailure.REJECTED,
    604: DialFailure.INVALID_NUMBER,
    607: DialFailure.REJECTED,
    608: DialFailure.REJECTED,
}
_FAILURE_OF_CAUSE = {
    1: DialFailure.INVALID_NUMBER,
    17: DialFailure.BUSY,
    18: DialFailure.NO_ANSWER,
    21: DialFailure.REJECTED,
    22: DialFailure.INVALID_NUMBER,
    28: DialFailure.INVALID_NUMBER,
    34: DialFailure.CONGESTED,
    38: DialFailure.CONGESTED,
    41: DialFailure.CONGESTED,
    42: DialFailure.CONGESTED,
}


def dial_failure(cause: int, status: int, *, is_ringing: bool, is_trunk: bool) -> DialFailure:
    """Of a call that ended before it was answered. `status` is 0 when the other side never sent one."""
    if is_ringing and status in (0, 408, 480, 487):
        return DialFailure.NO_ANSWER
    known = _FAILURE_OF_STATUS.get(status) or _FAILURE_OF_CAUSE.get(cause)
    if known is not None:
        return known
    if 500 <= status < 600 or is_trunk:  # a silent trunk says nothing about the citizen
        return DialFailure.CONGESTED
    return DialFailure.UNREACHABLE


def words_of(cause: int, status: int) -> str:
    return f"sip {status}" if status else f"q850 {cause}"


def end_cause(cause: int, *, is_answered: bool) -> str:
    """How a call ended that the other side, or the network, ended."""
    if not is_answered:
        return "cancel"
    return "dead_media" if cause == _NO_MEDIA else "bye"
