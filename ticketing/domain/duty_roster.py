"""The duty roster 排班表: who is A and who is B of each seat at an instant, and which minutes nobody covers."""

from enum import StrEnum


class PresenceState(StrEnum):
    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"
