"""What a measurement yields: figures with their aims, shown as a table and as JSON. Nothing here judges a run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Aim:
    """What the project promises of a figure: a limit, and on which side of it the figure should be."""

    limit: float
    is_lower_bound: bool

    @classmethod
    def below(cls, limit: float) -> "Aim":
        return cls(limit, is_lower_bound=False)

    @classmethod
    def at_least(cls, limit: float) -> "Aim":
        return cls(limit, is_lower_bound=True)

    def is_met_by(self, value: float) -> bool:
        return value >= self.limit if self.is_lower_bound else value < self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.is_lower_bound else '<'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `name` is its key in the JSON and stays the same from release to release."""

    name: str
    text: str
    value: float
    unit: str = ""
    aim: Aim | None = None
    interval: tuple[float, float] | None = None
    """Holds the true value with 95 % confidence."""

    @property
    def is_met(self) -> bool | None:
        """None: nothing is promised of this figure."""
        return None if self.aim is None else self.aim.is_met_by(self.value)

    @property
    def shown_value(self) -> str:
        spread = f" ({self.interval[0]:g} to {self.interval[1]:g})" if self.interval else ""
        return f"{self.value:g}{spread}"

    def as_json(self) -> dict[str, Any]:
        facts: dict[str, Any] = {"value": self.value, "unit": self.unit}
        if self.aim is not None:
            facts |= {"aim": str(self.aim), "is_met": self.is_met}
        if self.interval is not None:
            facts |= {"low": self.interval[0], "high": self.interval[1]}
        return facts


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed: always one that was truly measured."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def figure_table(sections: Mapping[str, Sequence[Figure]]) -> Table:
    """One table; a section's title stands before its figures."""
    table = Table("figure", "value", "unit", "aim", "met")
    table.columns[1].justify = table.columns[3].justify = "right"
    for title, figures in sections.items():
        table.add_section()
        table.add_row(f"[bold]{title}[/bold]")
        for figure in figures:
            met = {None: "", True: "[green]yes[/green]", False: "[red]no[/red]"}[figure.is_met]
            table.add_row(f"  {figure.text}", figure.shown_value, figure.unit, str(figure.aim or ""), met)
    return table
