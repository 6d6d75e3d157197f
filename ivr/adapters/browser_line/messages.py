"""The words between a browser and the line: JSON texts. Sound travels beside them, as binary messages of one frame.

docs/web-phone.md describes them for who writes another client.
"""

import json
from dataclasses import dataclass

from ivr.adapters.sound import FRAME_SAMPLES
from ivr.ports import ANY_DIGIT

FRAME_BYTES = 2 * FRAME_SAMPLES
"""16-bit little-endian PCM at 8000 Hz, 20 ms."""
LONGEST_TEXT = 2048

SUBPROTOCOL = "hotline-phone.1"
PATH = "/phone"


class Closing:
    """WebSocket close codes of this line; the reason says which one of its kind."""

    DONE = 1000
    STOPPED = 1001
    MALFORMED = 4400
    REFUSED = 4403
    NO_HELLO = 4408
    TAKEN_OVER = 4409
    FLOOD = 4429
    FULL = 4503


class MessageWrong(Exception):
    """A text that is none of our words."""


@dataclass(frozen=True, slots=True)
class Hello:
    token: str


@dataclass(frozen=True, slots=True)
class Resume:
    """The network was away: here I am again."""

    call_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Digit:
    digit: str


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class Ping:
    number: int


@dataclass(frozen=True, slots=True)
class Ringing:
    """The seat's browser rings."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    call_id: str


@dataclass(frozen=True, slots=True)
class Decline:
    call_id: str


Message = Hello | Resume | Digit | HangUp | Ping | Ringing | Answer | Decline


_ABOUT_A_RING: dict[str, type[Ringing] | type[Answer] | type[Decline]] = {
    "ringing": Ringing,
    "answer": Answer,
    "decline": Decline,
}


def read(text: str) -> Message:
    """Raises MessageWrong. Fields that are not known are passed over: a newer page may say more."""
    if len(text) > LONGEST_TEXT:
        raise MessageWrong("too long")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageWrong("not JSON") from None
    if not isinstance(fields, dict):
        raise MessageWrong("not an object")
    kind, call_id = fields.get("type"), fields.get("call_id")
    if isinstance(kind, str) and kind in _ABOUT_A_RING and isinstance(call_id, str):
        return _ABOUT_A_RING[kind](call_id)
    match fields:
        case {"type": "hello", "token": str(token)}:
            return Hello(token)
        case {"type": "resume", "call_id": str(call_id), "secret": str(secret)}:
            return Resume(call_id, secret)
        case {"type": "digit", "digit": str(digit)} if len(digit) == 1 and digit in ANY_DIGIT:
            return Digit(digit)
        case {"type": "ping", "number": int(number)} if 0 <= number < 2**53:
            return Ping(number)
        case {"type": "hang_up"}:
            return HangUp()
    raise MessageWrong("not understood")


def say(kind: str, **fields: str | float | bool | None) -> str:
    """A text to the browser."""
    return json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
