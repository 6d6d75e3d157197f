"""The knobs of ticketing, as plain numbers; app/bootstrap.py fills them from the policy file."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ticketing.domain.clocks import ClockRules


@dataclass(frozen=True, slots=True)
class TicketPolicy:
    timezone: ZoneInfo
    """The city's: the day inside a ticket number is its day."""
    offer_s: float
    """How long a person may leave an offer unanswered before the next one is asked."""
    capacity: int
    """Open tickets (offered or accepted) a person may hold; at that many he is passed over."""
    presence_grace_s: float
    """A console not seen for so long counts as absent."""
    call_offer_s: float
    """How long a phone rings before the next person is asked."""
    redial_s: float
    """Who calls again within this time after hanging up in the line has his place back."""
    line_max: int
    """Callers who may wait in the line of a desk; whoever comes then is asked for a message instead."""
    wrap_up_s: float
    """How long the work after a talk should take."""
    grab_points: int
    """What it costs a department that nobody grabbed what it should have."""
    clocks: ClockRules
