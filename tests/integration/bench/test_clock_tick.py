"""The bench of the clock tick, in small: it measures what it says."""

from pathlib import Path

from app.bench.clock_tick import measure_clock_tick


def test_every_figure_is_measured(tmp_path: Path) -> None:
    figures = {figure.name: figure.value for figure in measure_clock_tick(tmp_path, few=50, many=300)}
    assert set(figures) == {
        "clock_tick_p95_ms",
        "clock_tick_growth",
        "clock_notes_per_s",
        "clock_rules_followed_per_s",
    }
    assert all(value > 0 for value in figures.values())
