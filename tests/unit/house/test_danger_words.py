"""Words of danger of a live call come from the lexicon an administrator edits."""

import shutil
from pathlib import Path

import pytest

from app import danger_words
from app.danger_words import DangerWords
from asr.domain.errors import RuleFileWrong
from config.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(danger_words, "_LOOK_EVERY_S", 0)
    shutil.copy(ROOT / "config" / "speech" / "emergencies.toml", tmp_path)
    return tmp_path


def test_danger_is_found_and_its_denial_is_not(folder: Path) -> None:
    find = DangerWords(folder)
    assert list(find("三号楼着火了，有人受伤")) == ["着火", "受伤"]
    assert list(find("没有着火")) == []
    assert list(find("我不是要自杀")) == []
    assert list(find("电梯里关了人没人救命啊")) == ["电梯里关", "救命"]
    assert list(find("")) == []


def test_a_wrong_edit_leaves_the_old_words_in_force(folder: Path) -> None:
    find = DangerWords(folder)
    (folder / "emergencies.toml").write_text("[kinds\n", encoding="utf-8")
    assert list(find("着火了")) == ["着火"]
    (folder / "emergencies.toml").unlink()
    assert list(find("着火了")) == ["着火"]


def test_a_wrong_file_stops_the_start(folder: Path) -> None:
    (folder / "emergencies.toml").write_text("[kinds\n", encoding="utf-8")
    with pytest.raises(RuleFileWrong):
        DangerWords(folder)


def test_an_edit_counts_without_a_restart(folder: Path) -> None:
    find = DangerWords(folder)
    path = folder / "emergencies.toml"
    assert list(find("路灯着火")) == ["着火"]
    path.write_text(path.read_text(encoding="utf-8").replace("着火", "着大火"), encoding="utf-8")
    assert "着火" not in find("路灯着火")
