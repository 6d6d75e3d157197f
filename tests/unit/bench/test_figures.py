"""Figures, their aims, and what is printed of them."""

import io

import pytest
from rich.console import Console

from app.bench.figures import Aim, Figure, figure_table, percentile


@pytest.mark.parametrize(("value", "is_met"), [(9.99, True), (10.0, False), (10.01, False)])
def test_an_upper_aim_is_met_below_its_limit_only(value: float, is_met: bool) -> None:
    assert Aim.below(10).is_met_by(value) is is_met


@pytest.mark.parametrize(("value", "is_met"), [(0.949, False), (0.95, True), (1.2, True)])
def test_a_lower_aim_is_met_at_its_limit_too(value: float, is_met: bool) -> None:
    assert Aim.at_least(0.95).is_met_by(value) is is_met


def test_a_figure_without_an_aim_is_neither_met_nor_missed() -> None:
    figure = Figure("some_ms", "some", 3.0, "ms")
    assert figure.is_met is None
    assert figure.as_json() == {"value": 3.0, "unit": "ms"}


def test_the_json_says_value_aim_and_verdict() -> None:
    assert Figure("some_ms", "some", 12.0, "ms", Aim.below(10)).as_json() == {
        "value": 12.0,
        "unit": "ms",
        "aim": "< 10",
        "is_met": False,
    }


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 21)]
    assert percentile(values, 0.5) == 10
    assert percentile(values, 0.95) == 19
    assert percentile(values, 1.0) == 20
    assert percentile([7.0], 0.99) == 7


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_the_table_shows_whether_each_aim_is_met() -> None:
    out = io.StringIO()
    sections = {
        "Speed": [Figure("a", "fast enough", 3.0, "ms", Aim.below(10)), Figure("b", "slow", 30.0, "ms", Aim.below(10))]
    }
    Console(file=out, width=100).print(figure_table(sections))
    lines = out.getvalue().splitlines()
    assert "yes" in next(line for line in lines if "fast enough" in line)
    assert "no" in next(line for line in lines if "slow" in line)
    assert any("Speed" in line for line in lines)
