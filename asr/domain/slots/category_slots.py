"""What a matter is about, and whose business that is."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from asr.domain.rules import Rules
from asr.domain.slots.category_rules import Strength, Subcategory
from asr.domain.slots.department_rules import Department
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.slots.slot_rules import SlotRules


@dataclass(frozen=True, slots=True)
class _Score:
    points: float
    evidence: tuple[Evidence, ...]


def category_slots(heard: Heard, rules: Rules) -> tuple[Slot, ...]:
    """Category and subcategory with the most points; nothing where no phrase was found."""
    scores = _scores(heard, rules)
    if not scores:
        return ()
    by_category = _by_category(scores, rules)
    category = max(by_category, key=lambda key: by_category[key].points)
    within = {key: score for key, score in scores.items() if rules.categories.subcategories[key].category == category}
    best = rules.categories.subcategories[max(within, key=lambda key: within[key].points)]
    return (
        _slot(SlotKind.CATEGORY, category, best.category_label, by_category, heard, rules),
        _slot(SlotKind.SUBCATEGORY, best.key, best.label, scores, heard, rules),
    )


def department_slot(subcategory: Slot, areas: Mapping[str, Slot], heard: Heard, rules: Rules) -> Slot | None:
    """The first department of the subcategory that serves the town or community of the place.

    `areas` are the slots of town and community by their value; a department of every town needs one of them.
    """
    towns = [slot for slot in areas.values() if slot.kind is SlotKind.TOWN]
    for key in rules.categories.subcategories[subcategory.value].departments:
        department = rules.departments.by_key[key]
        if department.is_per_town and not towns:
            continue
        if not department.serves(areas):
            continue
        grounds = [subcategory, *(towns[:1] if department.is_per_town else ())]
        grounds += [slot for area, slot in areas.items() if area in department.areas]
        return Slot(
            kind=SlotKind.DEPARTMENT,
            value=f"{key}:{towns[0].value}" if department.is_per_town else key,
            label=_label(department, towns),
            confidence=min(slot.confidence for slot in grounds),
            evidence=heard.citizen_first(each for slot in grounds for each in slot.evidence),
            reason=f"categories.{subcategory.value}.departments",
        )
    return None


def _label(department: Department, towns: list[Slot]) -> str:
    return department.label.replace("{town}", towns[0].label) if department.is_per_town else department.label


def _scores(heard: Heard, rules: Rules) -> dict[str, _Score]:
    """Points by subcategory. A phrase counts once, more when the citizen said it than when the agent did."""
    points: dict[str, dict[str, float]] = defaultdict(dict)
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    ruled_out = {match.meaning for match in rules.categories.exclusions.in_text(heard.bare)}
    for match in rules.categories.phrases.in_text(heard.bare):
        key = match.meaning.subcategory
        if key is None or key in ruled_out:
            continue
        place = heard.bare_evidence(match.start, match.end)
        worth = _worth(match.meaning.strength, rules.slots) * (
            rules.slots.agent_weight if heard.is_agents(place) else 1
        )
        points[key][match.phrase] = max(points[key].get(match.phrase, 0), worth)
        evidence[key].append(place)
    return {key: _Score(sum(by_phrase.values()), tuple(evidence[key])) for key, by_phrase in points.items()}


def _worth(strength: Strength, rules: SlotRules) -> float:
    return {Strength.STRONG: rules.strong, Strength.PHRASE: rules.phrase, Strength.HINT: rules.hint}[strength]


def _by_category(scores: Mapping[str, _Score], rules: Rules) -> dict[str, _Score]:
    """A category has the points of its best subcategory and the evidence of all."""
    subcategories: Mapping[str, Subcategory] = rules.categories.subcategories
    grouped: dict[str, list[_Score]] = defaultdict(list)
    for key, score in scores.items():
        grouped[subcategories[key].category].append(score)
    return {
        category: _Score(max(each.points for each in group), tuple(e for each in group for e in each.evidence))
        for category, group in grouped.items()
    }


def _slot(kind: SlotKind, value: str, label: str, scores: Mapping[str, _Score], heard: Heard, rules: Rules) -> Slot:
    score = scores[value]
    rival = max((other.points for key, other in scores.items() if key != value), default=0.0)
    evidence = heard.citizen_first(score.evidence)
    return Slot(
        kind=kind,
        value=value,
        label=label,
        confidence=round(confidence_of(score.points, rival, rules.slots) * heard.certainty(evidence), 3),
        evidence=evidence,
        reason=f"categories.{value}",
    )


def confidence_of(points: float, rival: float, rules: SlotRules) -> float:
    """Half at `half` points, near 1 at many; half of that again when a rival has as many."""
    return points / (points + rules.half) * (1 - 0.5 * min(rival / points, 1))
