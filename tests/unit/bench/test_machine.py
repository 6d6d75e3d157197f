"""What is said of the machine: who else used it while it was measured."""

import os

from app.bench.machine import CpuTimes, describe_machine, machine_line


def _described(busy_s: float, own_s: float, stolen_s: float = 0.0) -> dict[str, object]:
    seconds = 100.0 / (os.cpu_count() or 1)  # so that the machine has 100 s to give, and seconds are percent
    return describe_machine(CpuTimes(50, 5, 7, 1000), CpuTimes(50 + busy_s, 5 + stolen_s, 7 + own_s, 1000 + seconds))


def test_what_we_used_ourselves_is_not_held_against_the_machine() -> None:
    machine = _described(busy_s=60, own_s=58)
    assert machine["is_quiet"] is True
    assert "every figure is worse" not in machine_line(machine)


def test_other_programs_make_the_machine_unquiet_and_the_line_says_so() -> None:
    machine = _described(busy_s=60, own_s=20)
    assert machine["is_quiet"] is False
    assert "every figure is worse" in machine_line(machine)


def test_a_host_that_takes_the_processor_away_makes_it_unquiet_too() -> None:
    machine = _described(busy_s=20, own_s=20, stolen_s=30)
    assert machine["is_quiet"] is False
    assert "its host took" in machine_line(machine)


def test_the_present_machine_can_be_read() -> None:
    before = CpuTimes.now()
    after = CpuTimes.now()
    assert after.own_s >= before.own_s
    assert after.at_s >= before.at_s
