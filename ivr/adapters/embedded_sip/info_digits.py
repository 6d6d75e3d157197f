"""Key presses inside SIP INFO: `application/dtmf-relay` (Signal=5) and `application/dtmf` (5)."""

import re

from ivr.ports import ANY_DIGIT

_SIGNAL = re.compile(r"^\s*Signal\s*=\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_EVENT_NUMBERS = {"10": "*", "11": "#"}  # some phones name the keys as RFC 4733 does


def digit_of_info(content_type: str, body: str) -> str | None:
    """The key that was pressed, or None when the INFO is about something else."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/dtmf-relay":
        found = _SIGNAL.search(body)
        pressed = found.group(1) if found else ""
    elif kind == "application/dtmf":
        pressed = body.strip()
    else:
        return None
    pressed = _EVENT_NUMBERS.get(pressed, pressed)
    return pressed if len(pressed) == 1 and pressed in ANY_DIGIT else None
