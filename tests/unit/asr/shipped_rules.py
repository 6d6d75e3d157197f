"""The rules as they are shipped, read once for all tests, and a message that is understood by them."""

import functools

from asr.adapters.rule_files import load_rules
from asr.domain.reading.pieces import Piece, Reading
from asr.domain.rules import Rules
from asr.domain.slots.slot import Slot, SlotKind
from asr.domain.slots.slot_finding import find_slots
from config.settings import ROOT

FOLDER = ROOT / "config" / "speech"


@functools.cache
def shipped_rules() -> Rules:
    return load_rules(FOLDER)


def slots_of(text: str, *kinds: SlotKind) -> list[Slot]:
    """Slots of a reading text without words; of these kinds, or all."""
    found = find_slots(Reading((Piece(text, 0, 0),)), (), shipped_rules())
    return [slot for slot in found if slot.kind in kinds or not kinds]


def values_of(text: str, kind: SlotKind) -> list[str]:
    return [slot.value for slot in slots_of(text, kind)]


def evidence_texts(text: str, slot: Slot) -> list[str]:
    return [text[each.start_char : each.end_char] for each in slot.evidence]
