"""What identifies a person, and how it is hidden: in the reading text, in the words and in the sound."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class RedactionKind(StrEnum):
    ID_CARD = "id_card"
    PHONE_NUMBER = "phone_number"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    ADDRESS = "address"  # down to the door


@dataclass(frozen=True, slots=True)
class Redaction:
    """Characters [start_char, end_char) of the reading text become `mask`; the words and the sound there are hidden."""

    kind: RedactionKind
    start_char: int
    end_char: int
    mask: str
    first_word: int
    end_word: int
    start_ms: int
    end_ms: int


def masked(text: str, redactions: Iterable[Redaction]) -> str:
    """The text with every redaction applied. Redactions do not overlap."""
    for redaction in sorted(redactions, key=lambda each: -each.start_char):
        text = text[: redaction.start_char] + redaction.mask + text[redaction.end_char :]
    return text
