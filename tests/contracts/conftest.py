"""The adapters that must keep the contract: one line here adds one."""

from pathlib import Path

import pytest

from ivr.ports import Clip
from tests.contracts.rigs import BrowserRig, EmbeddedSipRig, Rig, SimulatedRig
from tests.contracts.sounds import write_tone


@pytest.fixture(params=["simulated", "embedded_sip", "browser"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    rigs: dict[str, Rig] = {
        "simulated": SimulatedRig(),
        "embedded_sip": EmbeddedSipRig(tmp_path),
        "browser": BrowserRig(tmp_path),
    }
    return rigs[request.param]


@pytest.fixture
def prompt(tmp_path: Path) -> Clip:
    """One second of sound."""
    return Clip("prompt", write_tone(tmp_path / "prompt.wav", seconds=1.0))
