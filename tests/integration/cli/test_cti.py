"""`hotline cti`: who is told of our calls."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_cti import cti_cli
from app.migrate import migrate
from config.settings import load_settings
from intake.domain.errors import CtiTargetUnknown


def test_targets_of_our_calls_are_shown_by_their_host_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    migrate(load_settings())
    hotline = CliRunner()
    assert hotline.invoke(cti_cli, ["add", "zammad", "https://zammad.example/api/v1/cti/secret"]).exit_code == 0
    listed = hotline.invoke(cti_cli, ["list"]).output
    assert ("zammad.example" in listed, "secret" in listed) == (True, False)
    assert hotline.invoke(cti_cli, ["remove", "zammad"]).exit_code == 0
    assert "removed" in hotline.invoke(cti_cli, ["list"]).output
    assert isinstance(hotline.invoke(cti_cli, ["remove", "zammad"]).exception, CtiTargetUnknown)
