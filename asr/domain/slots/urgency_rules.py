"""urgency.toml: when a matter is red or yellow, and the reason that is given for it. What no rule names is green."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from asr.domain.rulebook.phrase_lists import checked_phrases
from asr.domain.rulebook.phrases import Phrases
from asr.domain.rulebook.rule_table import RuleTable, read_table


class Urgency(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """Fires for one of these emergencies or categories, one of its phrases, or that many people."""

    key: str
    level: Urgency
    why: str
    emergencies: tuple[str, ...]
    categories: tuple[str, ...]
    people: float | None


@dataclass(frozen=True, slots=True)
class UrgencyRules:
    """The first rule of the highest level wins; `phrases` lead to the keys of the rules."""

    rules: tuple[UrgencyRule, ...] = ()
    phrases: Phrases[str] = field(default_factory=Phrases)


def read_urgency(text: str, name: str, categories: Collection[str], emergencies: Collection[str]) -> UrgencyRules:
    """Raises RuleFileWrong."""
    rules, phrases = [], []
    for key, table in read_table(text, name).tables():
        rules.append(_rule(key, table, categories, emergencies))
        words = checked_phrases(table, "phrases")
        phrases += [(phrase, key) for phrase in words]
        if not words and not _has_other_grounds(rules[-1]):
            table.refuse("can never fire: it names no emergencies, categories, phrases or people")
        table.end()
    rules.sort(key=lambda rule: list(Urgency).index(rule.level))
    return UrgencyRules(tuple(rules), Phrases(phrases))


def _rule(key: str, table: RuleTable, categories: Iterable[str], emergencies: Iterable[str]) -> UrgencyRule:
    people = table.number("people", 0, 10_000_000, default=0)
    return UrgencyRule(
        key=key,
        level=Urgency(table.choice("level", (Urgency.RED, Urgency.YELLOW))),
        why=table.text("why"),
        emergencies=table.texts("emergencies", frozenset(emergencies)),
        categories=table.texts("categories", frozenset(categories)),
        people=people or None,
    )


def _has_other_grounds(rule: UrgencyRule) -> bool:
    return bool(rule.emergencies or rule.categories or rule.people)
