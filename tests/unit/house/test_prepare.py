"""Preparing installs what is missing, once, and says plainly what it may not install."""

import os
import sys
from pathlib import Path

import pytest

from tools import prepare


@pytest.fixture(autouse=True)
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stamps of this test, not of the project that runs it."""
    monkeypatch.setattr(prepare, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    prepare.STAMPS.mkdir()
    return prepare.STAMPS


class Installer:
    def __init__(self, product: Path) -> None:
        self.product = product
        self.runs = 0

    def __call__(self) -> None:
        self.runs += 1
        self.product.write_text("installed")


def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    install = Installer(tmp_path / "product")
    for _ in range(3):
        prepare.once("thing", "fingerprint", install.product, install)
    assert install.runs == 1


def test_a_changed_fingerprint_or_a_lost_product_installs_again(tmp_path: Path) -> None:
    install = Installer(tmp_path / "product")
    prepare.once("thing", "one", install.product, install)
    prepare.once("thing", "two", install.product, install)
    install.product.unlink()
    prepare.once("thing", "two", install.product, install)
    assert install.runs == 3


def test_a_failed_installation_is_tried_again_next_time(tmp_path: Path, stamps: Path) -> None:
    with pytest.raises(prepare.PrepareFailed, match="is not there"):
        prepare.once("thing", "one", tmp_path / "product", lambda: None)
    assert not (stamps / "thing").exists()


def test_the_digest_sees_a_renamed_file_and_a_changed_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("same")
    before = prepare.digest([one])
    one.rename(two)
    renamed = prepare.digest([two])
    two.write_text("other")
    assert len({before, renamed, prepare.digest([two]), prepare.digest([two], "fact")}) == 4


def test_missing_system_packages_are_found_by_program_or_file(tmp_path: Path) -> None:
    (tmp_path / "there.ttc").touch()
    tools = {"here": "sh", "gone": "no-such-program-here", "font": f"{tmp_path}/*.ttc", "no-font": f"{tmp_path}/*.otf"}
    assert prepare.missing_packages(tools) == ["gone", "no-font"]


def test_without_apt_the_packages_are_named_and_the_word_stops(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(prepare.CALL_TOOLS, "baresip", "no-such-program-here")
    assert prepare.main(["call-tools"]) == 1
    said = capsys.readouterr()
    assert "please install these system packages first:" in said.err
    assert "baresip" in said.err
    assert said.out == ""


def test_output_of_commands_goes_to_stderr_only(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    prepare.run(sys.executable, "-c", "print('noise')", cwd=tmp_path)
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "noise\n")


def test_a_failing_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(prepare.PrepareFailed, match="status 3"):
        prepare.run(sys.executable, "-c", "raise SystemExit(3)", cwd=tmp_path)


def test_node_is_taken_from_where_it_is_new_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder, node in (("system", "v18.0.0"), ("venv/bin", "v24.1.0")):
        for name, version in (("node", node), ("npm", "11.0.0")):
            program = tmp_path / folder / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text(f"#!/bin/sh\necho {version}\n")
            program.chmod(0o755)
    monkeypatch.setattr(prepare, "VENV", tmp_path / "venv")
    monkeypatch.setenv("PATH", str(tmp_path / "system"))
    assert prepare.node_path().split(os.pathsep)[0] == str(tmp_path / "venv" / "bin")
    (tmp_path / "system" / "node").write_text("#!/bin/sh\necho v20.19.0\n")
    assert prepare.node_path() == str(tmp_path / "system")
