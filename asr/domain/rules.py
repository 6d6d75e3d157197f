"""All that an administrator can change about the understanding of speech, read from config/speech as one set."""

from dataclasses import dataclass, field

from asr.domain.gazetteer import Gazetteer
from asr.domain.reading_rules import ReadingRules


@dataclass(frozen=True, slots=True)
class Rules:
    """One consistent set; `version` names it (a digest of the files), and is kept with every transcript."""

    version: str = ""
    reading: ReadingRules = field(default_factory=ReadingRules)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
