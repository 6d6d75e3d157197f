"""HMAC signatures of requests, ours and our clients' (RFC 2104, SHA-256).

Signed is the text `TIMESTAMP LF METHOD LF PATH LF SHA256`: seconds since 1970, the request's method and path, and the
lower-case hex SHA-256 of its body. The signature is lower-case hex.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from intake.domain.errors import ClientUnknown, SignatureStale

FRESH_FOR = timedelta(minutes=5)
"""How far the two clocks may lie apart, the request's way included."""


def signature_of(secret: str, timestamp: str, method: str, path: str, body_sha256: str) -> str:
    text = f"{timestamp}\n{method}\n{path}\n{body_sha256}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def check_fresh(timestamp: str, now: datetime) -> None:
    """Raises SignatureStale, also for what is no timestamp."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureStale("the timestamp is seconds since 1970")
    if abs(int(timestamp) - now.timestamp()) > FRESH_FOR.total_seconds():
        raise SignatureStale("the timestamp is too far from our clock")


def check_signature(secret: str, timestamp: str, method: str, path: str, body_sha256: str, signature: str) -> None:
    """Raises ClientUnknown."""
    right = signature_of(secret, timestamp, method, path, body_sha256)
    if not hmac.compare_digest(right.encode(), signature.encode()):
        raise ClientUnknown("the signature does not fit")
