"""Identifiers: opaque, unguessable, without a colon (RQ job ids forbid it)."""

import uuid


def new_id() -> str:
    """32 lower-case hexadecimal digits."""
    return uuid.uuid4().hex
