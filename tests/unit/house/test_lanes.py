"""Calls have one lane and begin first; else a file is a lane; the busy ones come last."""

from pathlib import Path

from config.settings import ROOT
from tests.support import lanes
from tests.support.lanes import lane_of, turn_of

CALL = "tests/e2e/test_kills.py::test_with_redis_killed"
OTHER_CALL = "tests/contracts/test_dialler.py::test_busy[asterisk]"
QUEUE = "tests/integration/queue/test_worker.py::test_a[x::y]"
UNIT = "tests/unit/kit/test_circuit_breaker.py::test_it_opens"


def test_no_two_calls_run_at_once() -> None:
    assert lane_of(CALL) == lane_of(OTHER_CALL)


def test_a_file_is_a_lane() -> None:
    assert lane_of(UNIT) == "tests/unit/kit/test_circuit_breaker.py"
    assert lane_of(QUEUE) == "tests/integration/queue/test_worker.py"


def test_calls_begin_and_the_busy_ones_come_last() -> None:
    assert sorted([QUEUE, UNIT, CALL], key=turn_of) == [CALL, UNIT, QUEUE]


def test_every_place_that_is_named_is_there() -> None:
    """A folder that moves would lose its lane, and nobody would notice."""
    assert [place for place in lanes._SOUND + lanes._BUSY if not Path(ROOT, place).exists()] == []
