"""Slots: what a ticket needs to know, each with the words and the second of audio it was taken from."""

from dataclasses import dataclass, field
from enum import StrEnum


class SlotKind(StrEnum):
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    PLACE = "place"  # as it is called: road, number, building, point of interest
    COMMUNITY = "community"
    TOWN = "town"
    GRID = "grid"
    DEPARTMENT = "department"  # a suggestion
    URGENCY = "urgency"  # red, yellow, green
    PHONE_NUMBER = "phone_number"
    TIME = "time"
    PEOPLE_AFFECTED = "people_affected"
    EMERGENCY = "emergency"
    MOOD = "mood"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where it was said: characters of the reading text, words of the transcript, milliseconds of the recording.

    All three are half-open ranges. A slot may have several.
    """

    start_char: int
    end_char: int
    first_word: int
    end_word: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Slot:
    """`value` is what is stored and compared (a key of the rules, E.164 number, ISO time); `label` is what is shown.

    Below the gate of its kind `needs_person` is true: a person decides, it is never acted upon by itself.
    """

    kind: SlotKind
    value: str = field(repr=False)
    label: str = field(repr=False)
    confidence: float
    evidence: tuple[Evidence, ...]
    reason: str = ""
    """Key of the rule that found it, for whoever asks why; never text of the citizen."""
    needs_person: bool = False
