"""All slots of one message. Whatever is not sure enough is marked as a matter for a person."""

from collections.abc import Sequence
from dataclasses import replace

from asr.domain.reading.pieces import Reading
from asr.domain.rules import Rules
from asr.domain.slots.category_slots import category_slots, department_slot
from asr.domain.slots.emergencies import emergency_slots
from asr.domain.slots.heard import Heard
from asr.domain.slots.people_slots import people_slots
from asr.domain.slots.phone_slots import phone_slots
from asr.domain.slots.place_slots import areas_known, place_slots
from asr.domain.slots.slot import Slot, SlotKind
from asr.domain.slots.time_slots import time_slots
from asr.domain.slots.urgency_slots import mood_slots, urgency_slot
from asr.domain.words import Word


def find_slots(reading: Reading, words: Sequence[Word], rules: Rules) -> tuple[Slot, ...]:
    """Grouped by kind; several of a kind where a message names several."""
    heard = Heard(reading, words)
    places = place_slots(heard, rules)
    found = [*category_slots(heard, rules), *places]
    subcategory = next((slot for slot in found if slot.kind is SlotKind.SUBCATEGORY), None)
    if subcategory and (department := department_slot(subcategory, areas_known(places), heard, rules)):
        found.append(department)
    found += [*people_slots(heard, rules), *emergency_slots(heard, rules)]
    if urgency := urgency_slot(found, heard, rules):
        found.append(urgency)
    found += [*phone_slots(heard, rules), *time_slots(heard, rules), *mood_slots(heard, rules)]
    return tuple(replace(slot, needs_person=rules.slots.needs_person(slot.kind, slot.confidence)) for slot in found)
