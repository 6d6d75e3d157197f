"""slots.toml: how sure a slot must be before anything is done with it, and how certainty is reckoned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asr.domain.rulebook.rule_table import read_table
from asr.domain.slots.slot import SlotKind


@dataclass(frozen=True, slots=True)
class SlotRules:
    """`half` is the score at which one is half sure; `agent_weight` is what the agent's words count of a citizen's."""

    gates: Mapping[SlotKind, float] = field(default_factory=dict)
    strong: float = 3
    phrase: float = 2
    hint: float = 1
    half: float = 0.75
    agent_weight: float = 0.4

    def needs_person(self, kind: SlotKind, confidence: float) -> bool:
        """A kind without a gate always does."""
        return confidence < self.gates.get(kind, 2.0)


def read_slot_rules(text: str, name: str) -> SlotRules:
    """Raises RuleFileWrong."""
    file = read_table(text, name)
    gates, scores = file.table("gates"), file.table("scores")
    rules = SlotRules(
        gates={kind: gates.number(kind.value, 0, 1) for kind in SlotKind},
        strong=scores.number("strong", 0, 100),
        phrase=scores.number("phrase", 0, 100),
        hint=scores.number("hint", 0, 100),
        half=scores.number("half", 0.01, 100),
        agent_weight=scores.number("agent_weight", 0, 1),
    )
    for table in (gates, scores, file):
        table.end()
    return rules
