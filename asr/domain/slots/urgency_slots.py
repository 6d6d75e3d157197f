"""How urgent a matter is, and why; and whether the citizen says that he is angry or weeping."""

from collections.abc import Iterator, Sequence

from asr.domain.rules import Rules
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.slots.urgency_rules import Urgency, UrgencyRule

_COLOURS = {Urgency.RED: "红", Urgency.YELLOW: "黄", Urgency.GREEN: "绿"}
_BY_PHRASE = 0.85
_NOTHING_FOUND = 0.7


def urgency_slot(slots: Sequence[Slot], heard: Heard, rules: Rules) -> Slot | None:
    """The gravest rule that fires; green when none does and the category is known; None for an empty message."""
    phrases: dict[str, list[Evidence]] = {}
    for match in rules.urgency.phrases.in_text(heard.bare):
        phrases.setdefault(match.meaning, []).append(heard.bare_evidence(match.start, match.end))
    fired = [
        (rule, confidence, evidence)
        for rule in rules.urgency.rules
        if (grounds := _grounds(rule, slots, phrases.get(rule.key, ()), heard))
        for confidence, evidence in [grounds]
    ]
    if fired:
        rule, confidence, evidence = min(fired, key=lambda each: (list(Urgency).index(each[0].level), -each[1]))
        return _slot(rule.level, rule.why, confidence, evidence, f"urgency.{rule.key}")
    category = next((slot for slot in slots if slot.kind is SlotKind.SUBCATEGORY), None)
    if category is None or not rules.urgency.rules:
        return None
    confidence = min(_NOTHING_FOUND, category.confidence)
    return _slot(Urgency.GREEN, "一般诉求", confidence, category.evidence, "urgency")


def _grounds(
    rule: UrgencyRule, slots: Sequence[Slot], phrases: Sequence[Evidence], heard: Heard
) -> tuple[float, tuple[Evidence, ...]] | None:
    """How sure it is that the rule fires, and what for; None when it does not."""
    grounds = [slot for slot in slots if _is_ground(slot, rule)]
    if not grounds and not phrases:
        return None
    confidence = max((slot.confidence for slot in grounds), default=0.0)
    if phrases:
        confidence = max(confidence, round(_BY_PHRASE * heard.certainty(phrases), 3))
    return confidence, heard.citizen_first([*phrases, *(each for slot in grounds for each in slot.evidence)])


def _is_ground(slot: Slot, rule: UrgencyRule) -> bool:
    if slot.kind is SlotKind.EMERGENCY:
        return slot.value in rule.emergencies
    if slot.kind in (SlotKind.CATEGORY, SlotKind.SUBCATEGORY):
        return slot.value in rule.categories
    if slot.kind is SlotKind.PEOPLE_AFFECTED:
        return rule.people is not None and float(slot.value) >= rule.people
    return False


def _slot(level: Urgency, why: str, confidence: float, evidence: tuple[Evidence, ...], reason: str) -> Slot:
    return Slot(SlotKind.URGENCY, level.value, f"{_COLOURS[level]}：{why}", confidence, evidence, reason)


def mood_slots(heard: Heard, rules: Rules) -> Iterator[Slot]:
    """Only of the citizen's own words; several of them make it surer."""
    doubts: dict[str, float] = {}
    evidence: dict[str, list[Evidence]] = {}
    for match in rules.moods.phrases.in_text(heard.bare):
        place = heard.bare_evidence(match.start, match.end)
        if match.meaning is None or heard.is_agents(place):
            continue
        mood, certain = match.meaning
        doubts[mood] = doubts.get(mood, 1.0) * (1 - certain)
        evidence.setdefault(mood, []).append(place)
    for mood, doubt in doubts.items():
        yield Slot(
            kind=SlotKind.MOOD,
            value=mood,
            label=rules.moods.labels[mood],
            confidence=round((1 - doubt) * heard.certainty(evidence[mood]), 3),
            evidence=heard.citizen_first(evidence[mood]),
            reason=f"moods.{mood}",
        )
