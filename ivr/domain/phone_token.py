"""The slip of paper with which a page may use the browser line: made by the web process, read by telephony.

Signed, short-lived, good for one use (who reads it remembers `serial`). It says who may be there, and from which page.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from kit.errors import Forbidden

GOOD_FOR = timedelta(seconds=60)
LONGEST_TOKEN = 1024
ANONYMOUS = "anonymous"


class PhoneTokenWrong(Forbidden):
    """Not ours, not readable, or over."""

    code = "phone.token_wrong"


@dataclass(frozen=True, slots=True)
class PhoneToken:
    serial: str
    person_id: str
    """Whose phone it is; empty: a citizen's call."""
    caller: str
    """The citizen's number where it was confirmed."""
    origin: str
    """Of the page that asked for it, as its browser names it; empty: a program."""
    address: str
    """Where it was asked for from."""
    expires_at: float
    """Seconds since 1970."""


def sealed(token: PhoneToken, key: bytes) -> str:
    """`payload.signature`, both base64url."""
    payload = _encoded(json.dumps(asdict(token), separators=(",", ":")).encode())
    return f"{payload}.{_signature(payload, key)}"


def opened(text: str, key: bytes, now: datetime) -> PhoneToken:
    """Raises PhoneTokenWrong."""
    if len(text) > LONGEST_TOKEN or not text.isascii():
        raise PhoneTokenWrong("not a token")
    payload, _, signature = text.partition(".")
    if not hmac.compare_digest(_signature(payload, key).encode(), signature.encode()):
        raise PhoneTokenWrong("not signed by this hotline")
    token = PhoneToken(**json.loads(base64.urlsafe_b64decode(payload)))  # we wrote it: it is whole
    if token.expires_at < now.timestamp():
        raise PhoneTokenWrong("the time of this token is over")
    return token


def _signature(payload: str, key: bytes) -> str:
    return _encoded(hmac.new(key, payload.encode(), hashlib.sha256).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
