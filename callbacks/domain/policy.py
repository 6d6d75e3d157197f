"""The rules of calling back that a supervisor may change."""

from dataclasses import dataclass
from datetime import timedelta

from callbacks.domain.calling_hours import CallingHours
from callbacks.domain.retry import Ladder


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    hours: CallingHours
    delay: timedelta
    """From the resolution to the first call."""
    ladder: Ladder
    max_at_once: int
    """Live attempts of all telephony processes together."""
    lease: timedelta
    """An attempt that is silent for so long was interrupted. Longer than the longest call."""
    dissatisfied_from: int
    """This level and worse reopens the ticket."""
