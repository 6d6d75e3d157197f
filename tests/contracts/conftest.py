"""The adapters that must keep the contract: one line here adds one."""

from pathlib import Path

import pytest

from ivr.ports import Clip
from tests.contracts.rigs import AsteriskRig, BrowserRig, EmbeddedSipRig, Rig, SimulatedRig
from tests.contracts.sounds import write_tone


@pytest.fixture(params=["simulated", "embedded_sip", "browser", "asterisk"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    match request.param:
        case "simulated":
            return SimulatedRig()
        case "embedded_sip":
            return EmbeddedSipRig(tmp_path)
        case "browser":
            return BrowserRig(tmp_path)
        case _:
            return AsteriskRig(tmp_path, request.getfixturevalue("asterisk"))


@pytest.fixture
def prompt(tmp_path: Path) -> Clip:
    """One second of sound."""
    return Clip("prompt", write_tone(tmp_path / "prompt.wav", seconds=1.0))
