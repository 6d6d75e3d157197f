"""departments.toml: who handles what, and for which towns or communities."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from asr.domain.rulebook.rule_table import read_table

LEVELS = ("city", "district", "town", "community", "company")


@dataclass(frozen=True, slots=True)
class Department:
    """`areas` are towns and communities it is responsible for; empty: everywhere.

    A department of every town has one entry here, and the town of the matter is put into its label.
    """

    key: str
    label: str
    level: str
    areas: frozenset[str] = frozenset()

    @property
    def is_per_town(self) -> bool:
        return "{town}" in self.label

    def serves(self, areas: Iterable[str]) -> bool:
        return not self.areas or not self.areas.isdisjoint(areas)


@dataclass(frozen=True, slots=True)
class DepartmentRules:
    by_key: Mapping[str, Department] = field(default_factory=dict)


def read_departments(text: str, name: str) -> DepartmentRules:
    """Raises RuleFileWrong."""
    departments = {}
    for key, table in read_table(text, name).tables():
        departments[key] = Department(
            key=key,
            label=table.text("label"),
            level=table.choice("level", LEVELS),
            areas=frozenset(table.texts("areas")),
        )
        table.end()
    return DepartmentRules(departments)
