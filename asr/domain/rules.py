"""All that an administrator can change about the understanding of speech, read from config/speech as one set."""

from dataclasses import dataclass, field

from asr.domain.privacy.redaction_rules import RedactionRules
from asr.domain.reading.gazetteer import Gazetteer
from asr.domain.reading.reading_rules import ReadingRules
from asr.domain.slots.category_rules import CategoryRules
from asr.domain.slots.department_rules import DepartmentRules
from asr.domain.slots.detail_rules import DetailRules
from asr.domain.slots.emergency_rules import EmergencyRules
from asr.domain.slots.mood_rules import MoodRules
from asr.domain.slots.slot_rules import SlotRules
from asr.domain.slots.urgency_rules import UrgencyRules


@dataclass(frozen=True, slots=True)
class Rules:
    """One consistent set; `version` names it (a digest of the files), and is kept with every transcript."""

    version: str = ""
    reading: ReadingRules = field(default_factory=ReadingRules)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    slots: SlotRules = field(default_factory=SlotRules)
    categories: CategoryRules = field(default_factory=CategoryRules)
    departments: DepartmentRules = field(default_factory=DepartmentRules)
    urgency: UrgencyRules = field(default_factory=UrgencyRules)
    emergencies: EmergencyRules = field(default_factory=EmergencyRules)
    moods: MoodRules = field(default_factory=MoodRules)
    details: DetailRules = field(default_factory=DetailRules)
    redaction: RedactionRules = field(default_factory=RedactionRules)
