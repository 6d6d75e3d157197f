"""Page cursors: the sort key of the last row shown, so that rows arriving meanwhile shift nothing."""

import base64
import binascii
import json
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from kit.errors import Invalid


class BadCursor(Invalid):
    code = "request.bad_cursor"


def encode_cursor(*key: str | int | datetime) -> str:
    """An opaque, URL-safe text for a sort key."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type[str] | type[int] | type[datetime]) -> list[str | int | datetime]:
    """The sort key again, one value per kind; raises BadCursor for anything this house did not write."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        parts = json.loads(base64.urlsafe_b64decode(padded))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise BadCursor
        return [_value(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor from None


def is_older(
    at_column: InstrumentedAttribute[datetime], id_column: InstrumentedAttribute[str], at: object, row_id: object
) -> ColumnElement[bool]:
    """What follows that row in a list that shows the newest first (and, of one instant, the larger id)."""
    return or_(at_column < at, and_(at_column == at, id_column < row_id))


def _value(part: object, kind: type[str] | type[int] | type[datetime]) -> str | int | datetime:
    if kind is datetime and isinstance(part, str):
        instant = datetime.fromisoformat(part)
        if instant.tzinfo is not None and 1 < instant.year < 9999:
            return instant
    if kind is int and isinstance(part, int) and abs(part) < 1 << 31:
        return part
    if kind is str and isinstance(part, str) and part.isalnum() and part.isascii():
        return part
    raise BadCursor
