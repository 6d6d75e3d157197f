"""Words of danger for life, found in partial and in final text alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from asr.domain.bare_text import BareText, bare
from asr.domain.emergency_rules import EmergencyRules
from asr.domain.heard import Heard
from asr.domain.rules import Rules
from asr.domain.slots import Slot, SlotKind

_LOOKS_BACK = 10
"""Letters before a word in which a negation or a doubt may stand."""


@dataclass(frozen=True, slots=True)
class EmergencyWord:
    """Characters [start, end) of the text speak of danger; `kind` is a key of the rules (fire, gas, …)."""

    kind: str
    label: str
    call: str
    start: int
    end: int
    confidence: float


def emergency_words(text: str, rules: Rules) -> tuple[EmergencyWord, ...]:
    """In the order of the text. Costs microseconds: it may be asked for every partial text of a live call."""
    return tuple(_words(bare(text), rules.emergencies))


def emergency_slots(heard: Heard, rules: Rules) -> Iterator[Slot]:
    """One for each kind of danger."""
    words: dict[str, list[EmergencyWord]] = {}
    for word in emergency_words(heard.text, rules):
        words.setdefault(word.kind, []).append(word)
    for kind, found in words.items():
        confidence = max(word.confidence * heard.certainty([heard.evidence(word.start, word.end)]) for word in found)
        yield Slot(
            kind=SlotKind.EMERGENCY,
            value=kind,
            label=found[0].label,
            confidence=round(confidence, 3),
            evidence=heard.citizen_first(heard.evidence(word.start, word.end) for word in found),
            reason=f"emergencies.{kind}",
        )


def _words(text: BareText, rules: EmergencyRules) -> Iterator[EmergencyWord]:
    for match in rules.phrases.in_text(text):
        if match.meaning is None:
            continue
        before = text.clause_before(match.start, _LOOKS_BACK)
        if _is_taken_back(before, rules):
            continue
        kind = rules.kinds[match.meaning]
        confidence = rules.doubtful if any(doubt in before for doubt in rules.doubts) else rules.certainty
        yield EmergencyWord(kind.key, kind.label, kind.call, *text.span(match.start, match.end), confidence)


def _is_taken_back(before: str, rules: EmergencyRules) -> bool:
    """Whether a negation stands right before, or with nothing but bridges between."""
    while not before.endswith(rules.negations or ("\0",)):
        bridge = next((each for each in rules.bridges if before.endswith(each)), "")
        if not bridge:
            return False
        before = before.removesuffix(bridge)
    return True
