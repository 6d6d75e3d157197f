"""From words to what an agent works with: reading text, slots and redactions. Pure: the same words, the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from asr.domain.privacy.redacting import find_redactions
from asr.domain.privacy.redaction import Redaction
from asr.domain.reading.pieces import Reading
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from asr.domain.slots.slot import Slot
from asr.domain.slots.slot_finding import find_slots
from asr.domain.words import Word


@dataclass(frozen=True, slots=True)
class Understanding:
    reading: Reading
    slots: tuple[Slot, ...]
    redactions: tuple[Redaction, ...]
    rules_version: str


def understand(words: Sequence[Word], rules: Rules) -> Understanding:
    reading = read(words, rules)
    return Understanding(
        reading=reading,
        slots=find_slots(reading, words, rules),
        redactions=find_redactions(reading, words, rules),
        rules_version=rules.version,
    )
