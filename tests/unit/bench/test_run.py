"""The run as a whole: what fails is named, what works is still measured, and nothing is judged by the exit status."""

import io

from rich.console import Console

from app.bench.figures import Aim, Figure
from app.bench.run import Bench, result

MACHINE = {"cores": 2}


def _bench() -> Bench:
    return Bench(Console(file=io.StringIO()))


def _fails() -> list[list[Figure]]:
    raise OSError("no such telephone")


def test_a_measurement_that_fails_is_named_and_keeps_no_other_from_its_turn() -> None:
    bench = _bench()
    bench.measure(["Calls"], _fails)
    bench.measure(["Delay"], lambda: [[Figure("delay_ms", "delay", 4.0, "ms")]])
    told = result(bench, MACHINE, 1.0)
    assert told["ok"] is False
    assert told["not_measured"] == {"Calls": "OSError: no such telephone"}
    assert told["figures"] == {"delay_ms": {"value": 4.0, "unit": "ms"}}


def test_a_missed_aim_is_shown_and_is_no_failure() -> None:
    bench = _bench()
    bench.measure(["Delay"], lambda: [[Figure("delay_ms", "delay", 400.0, "ms", Aim.below(300))]])
    told = result(bench, MACHINE, 1.0)
    assert told["ok"] is True
    assert told["missed_aims"] == ["delay_ms"]


def test_one_measurement_may_fill_several_sections() -> None:
    bench = _bench()
    bench.measure(["Speed", "Memory"], lambda: [[Figure("a", "a", 1.0)], [Figure("b", "b", 2.0)]])
    assert [figure.name for section in bench.sections.values() for figure in section] == ["a", "b"]
