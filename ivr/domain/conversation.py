"""Who is in a conversation, who hears whom, and on which side of the recording a voice belongs."""

from enum import StrEnum


class LegRole(StrEnum):
    CITIZEN = "citizen"
    AGENT = "agent"
    THIRD_PARTY = "third_party"  # another desk, a department, 110, 119 or 120
    LISTENER = "listener"  # a supervisor whom nobody hears
    WHISPERER = "whisperer"  # a supervisor whom only agents hear


class Side(StrEnum):
    """The two sides of a recorded talk, each on a timeline of its own with one beginning."""

    AGENT = "agent"
    CITIZEN = "citizen"


def is_heard(speaker: LegRole, by: LegRole) -> bool:
    match speaker:
        case LegRole.LISTENER:
            return False
        case LegRole.WHISPERER:
            return by is LegRole.AGENT
        case _:
            return True


def side_of(role: LegRole) -> Side | None:
    """None: not recorded, because the citizen does not hear it either."""
    match role:
        case LegRole.CITIZEN:
            return Side.CITIZEN
        case LegRole.AGENT | LegRole.THIRD_PARTY:
            return Side.AGENT
        case _:
            return None
