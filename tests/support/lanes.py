"""Which tests may run beside which when several workers of pytest share one machine (docs/adr/0024)."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_SOUND = (
    "tests/e2e/",
    "tests/contracts/",
    "tests/integration/asterisk/",
    "tests/integration/bench/",
    "tests/integration/telephony/",
    "tests/journeys/test_taken_while_away.py",
    "tests/journeys/test_talk_outlives_process.py",
)
"""Calls in real time. They have one lane, in which one runs at a time, and begin first."""

_BUSY = (
    "tests/integration/asr/",
    "tests/integration/cli/",
    "tests/integration/house/",
    "tests/integration/listener/",
    "tests/integration/queue/",
)
"""Several processes at work, or recognition: they come last, when the calls are mostly over."""


def lane_of(test_id: str) -> str:
    """Tests of one lane run in one worker, in their order. Usually a file is a lane."""
    return "sound" if test_id.startswith(_SOUND) else test_id.partition("::")[0]


def turn_of(test_id: str) -> int:
    return 0 if test_id.startswith(_SOUND) else 2 if test_id.startswith(_BUSY) else 1


class Lanes(LoadScopeScheduling):  # type: ignore[misc] # published without types
    """Gives every worker that has nothing to do the next lane."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False  # as collected, not by their number
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid)
