"""`hotline clocks`: check, preview, apply and verify, on a database with an open ticket."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_clocks import clocks_cli
from app.migrate import migrate
from config.clock_policy import ClocksWrong
from config.settings import ROOT, load_settings
from kit.clock import FixedClock, SystemClock
from kit.db import Database
from tests.integration.ticketing.scene import Scene

SHIPPED = (ROOT / "config" / "clocks.toml").read_text(encoding="utf-8")
hotline = CliRunner()


@pytest.fixture
def ticket_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Opened just now, under rules that are not the shipped ones."""
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    settings = load_settings()
    migrate(settings)
    db = Database(settings.effective_database_url)
    yield Scene(db, FixedClock(SystemClock().now())).open()
    db.dispose()


def file_with(folder: Path, usual: str, other: str) -> str:
    assert usual in SHIPPED
    path = folder / "edited.toml"
    path.write_text(SHIPPED.replace(usual, other), encoding="utf-8")
    return str(path)


def test_a_file_is_checked_before_it_is_in_force(tmp_path: Path) -> None:
    assert "triage, grab, on_site, answer, solve, revisit" in hotline.invoke(clocks_cli, ["check"]).output
    wrong = hotline.invoke(clocks_cli, ["check", file_with(tmp_path, 'limit = "2h"', 'limit = "0h"')])
    assert isinstance(wrong.exception, ClocksWrong)
    assert "clocks.triage.limit" in wrong.exception.message


def test_open_tickets_follow_and_then_agree(ticket_id: str, tmp_path: Path) -> None:
    before = hotline.invoke(clocks_cli, ["verify"])
    assert (before.exit_code, before.output.strip()) == (1, ticket_id)
    assert "1 tickets" in hotline.invoke(clocks_cli, ["apply"]).output
    assert hotline.invoke(clocks_cli, ["verify"]).exit_code == 0
    assert "nothing would change" in hotline.invoke(clocks_cli, ["preview"]).output
    longer = file_with(tmp_path, 'limit = "1d"', 'limit = "2d"')
    seen = json.loads(hotline.invoke(clocks_cli, ["preview", longer, "--json"]).output)
    assert seen["counts"] == {"due later": 1, "tickets": 1}
    (change,) = seen["changes"]
    assert (change["clock"], change["late_before"], change["late_after"]) == ("answer", False, False)
    assert "due later" in hotline.invoke(clocks_cli, ["preview", longer]).output
    assert hotline.invoke(clocks_cli, ["verify"]).exit_code == 0, "a preview changes nothing"
