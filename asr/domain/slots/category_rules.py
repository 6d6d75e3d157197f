"""categories.toml: the tree of matters, and the phrases by which each is known."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asr.domain.rulebook.phrase_lists import checked_phrases
from asr.domain.rulebook.phrases import Phrases
from asr.domain.rulebook.rule_table import RuleTable, read_table


class Strength(StrEnum):
    """How much a phrase says; slots.toml gives each its score."""

    STRONG = "strong"
    PHRASE = "phrases"
    HINT = "hints"


@dataclass(frozen=True, slots=True)
class Subcategory:
    key: str  # category.subcategory
    label: str
    category: str
    category_label: str
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """What one phrase says; without a subcategory it says nothing, and hides the shorter phrases in it."""

    subcategory: str | None
    strength: Strength = Strength.HINT


@dataclass(frozen=True, slots=True)
class CategoryRules:
    subcategories: Mapping[str, Subcategory] = field(default_factory=dict)
    phrases: Phrases[Sign] = field(default_factory=Phrases)
    exclusions: Phrases[str] = field(default_factory=Phrases)
    """Phrases that rule out a subcategory wherever they stand."""

    @property
    def keys(self) -> frozenset[str]:
        """Categories and subcategories."""
        return frozenset(self.subcategories) | {each.category for each in self.subcategories.values()}


def read_categories(text: str, name: str, departments: Collection[str]) -> CategoryRules:
    """Raises RuleFileWrong; also for departments that are not among the known ones."""
    file = read_table(text, name)
    subcategories: dict[str, Subcategory] = {}
    signs: list[tuple[str, Sign]] = [(phrase, Sign(None)) for phrase in checked_phrases(file, "everyday")]
    exclusions: list[tuple[str, str]] = []
    for category, table in file.tables():
        label = table.text("label")
        usual = table.texts("departments", departments)
        for key, sub in table.tables():
            made = Subcategory(
                key=f"{category}.{key}",
                label=sub.text("label"),
                category=category,
                category_label=label,
                departments=sub.texts("departments", departments) or usual,
            )
            subcategories[made.key] = made
            signs += _signs(sub, made)
            exclusions += [(phrase, made.key) for phrase in checked_phrases(sub, "unless")]
            sub.end()
        table.end()
    return CategoryRules(subcategories, Phrases(signs), Phrases(exclusions))


def _signs(table: RuleTable, subcategory: Subcategory) -> Iterator[tuple[str, Sign]]:
    count = 0
    for strength in Strength:
        for phrase in checked_phrases(table, strength.value):
            yield phrase, Sign(subcategory.key, strength)
            count += 1
    if not count:
        table.refuse("has no phrase by which it could be known")
