"""`hotline slots`: what an administrator sees when he tries and checks his rules."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_slots import slots_cli
from config.settings import ROOT

FOLDER = ROOT / "config" / "speech"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "speech")


def hotline_slots(*words: str) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(slots_cli, words)
    return done.exit_code, done.stdout


def test_a_tried_sentence_shows_value_evidence_gate_and_reason() -> None:
    status, shown = hotline_slots("try", "澜庭社区停水了，电话幺三八零零幺三八零零零")
    assert status == 0
    row = next(line for line in shown.splitlines() if "water.outage" in line)
    assert "停水" in row
    assert "0.55" in row
    assert "categories.water.outage" in row
    assert "masked: 澜庭社区停水了，电话[电话]" in shown


def test_json_has_the_spans() -> None:
    _, shown = hotline_slots("try", "--json", "家里着火了")
    told = json.loads(shown.splitlines()[-1])
    danger = next(slot for slot in told["slots"] if slot["kind"] == "emergency")
    assert danger["evidence"] == [{"start": 2, "end": 4, "text": "着火"}]
    assert danger["needs_person"] is False


def test_an_edited_folder_is_tried_before_it_is_in_force(folder: Path) -> None:
    path = folder / "categories.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"断水"', '"断水", "滴水不流"'), encoding="utf-8")
    _, shown = hotline_slots("try", "--json", "--rules", str(folder), "滴水不流")
    assert {"water.outage"} <= {slot["value"] for slot in json.loads(shown)["slots"]}


def test_right_rules_are_called_right() -> None:
    status, shown = hotline_slots("check")
    assert (status, shown.startswith("right: version ")) == (0, True)


def test_wrong_rules_are_named_with_file_and_line(folder: Path) -> None:
    (folder / "moods.toml").write_text("[angry]\nlabel = \n", encoding="utf-8")
    status, shown = hotline_slots("check", str(folder))
    assert status == 1
    assert shown.startswith("moods.toml:2: ")
