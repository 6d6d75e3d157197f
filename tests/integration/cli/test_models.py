"""`hotline models` as an operator meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.model_choice import ModelChoice
from config.settings import ROOT, Settings
from kit.errors import HotlineError
from tests.support.model_archives import model_zip
from tests.support.moody_server import fall_silent, moody_server, serve
from tests.support.waiting import eventually

NAME = "vosk-model-small-cn-0.22"


class Operator:
    """Types `hotline models …` in one data folder; in this process, because starting Python takes the longest."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = data
        monkeypatch.setenv("HOTLINE_DATA_DIR", str(data))
        monkeypatch.delenv("VOSK_MODEL", raising=False)
        monkeypatch.delenv("HOTLINE_MODEL_MIRROR", raising=False)
        monkeypatch.setattr("app.cli_models.configure_logging", lambda **_: None)  # it would stay for other tests

    def types(self, *words: str) -> Result:
        done = CliRunner().invoke(cli, ["models", *words])
        if done.exception is not None and not isinstance(done.exception, (HotlineError, SystemExit)):
            raise done.exception
        return done

    def json(self, *words: str) -> Any:
        done = self.types(*words, "--json")
        assert done.exit_code == 0, done.exception
        return json.loads(done.stdout.splitlines()[-1])

    def refused(self, *words: str) -> str:
        done = self.types(*words)
        assert done.exit_code != 0
        return done.exception.code if isinstance(done.exception, HotlineError) else "usage"


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path / "var", monkeypatch)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "model.zip"
    path.write_bytes(model_zip(NAME))
    return path


def test_the_list_tells_figures_licence_and_what_is_in_use(operator: Operator) -> None:
    shown = operator.types("list").stdout
    for word in ("mini-cn", NAME, "23.54 SpeechIO-02", "Apache-2.0", "1.3 GB", "in use"):
        assert word in shown
    rows = {row["id"]: row for row in operator.json("list")["models"]}
    assert [each for each in rows if rows[each]["is_installed"]] == ["mini-cn"]
    assert rows["mini-cn"]["is_in_use"]
    assert rows[NAME]["identity"]["version"] == "0.22"
    assert not operator.data.exists(), "looking changes nothing"


def test_the_way_of_a_model_from_a_file_into_use_and_back(operator: Operator, archive: Path) -> None:
    # the catalogue's size and MD5 are those of the official archive: ours goes by another name
    name = "vosk-model-cn-0.22"
    installed = operator.json("install", name, "--file", str(archive))
    assert (installed["is_installed"], installed["is_in_use"], installed["sample_rate"]) == (True, False, 8000)
    assert len(installed["archive_sha256"]) == 64
    assert operator.json("install", name, "--file", str(archive))["is_installed"], "it is there: nothing to do"
    assert operator.json("check", name)["id"] == name
    assert operator.json("use", name)["previous"] == "default"
    assert operator.json("check")["id"] == name, "the one in use"
    assert operator.refused("remove", name) == "model.in_use"
    assert operator.json("use", "--previous")["model"] == "default"
    assert operator.json("remove", name) == {"removed": name}
    assert operator.refused("use", name) == "model.not_installed"


def test_an_install_tells_its_progress_in_plain_lines_and_its_checksum(operator: Operator, archive: Path) -> None:
    done = operator.types("install", "ours-1.0", "--file", str(archive))
    assert "unpacking 100 %" in done.stderr
    assert "trying it" in done.stderr
    assert "SHA-256 of the archive: " in done.stdout


def test_a_mirror_may_be_named_on_the_line_or_in_the_settings(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with moody_server() as server:
        server.plan = [serve(model_zip())]
        assert operator.refused("install", NAME, "--mirror", server.url) == "model.download_refused"  # another size
        monkeypatch.setenv("HOTLINE_MODEL_MIRROR", server.url)
        assert operator.json("install", "vosk-model-cn-0.22")["is_installed"]
    monkeypatch.setenv("HOTLINE_MODEL_MIRROR", "ftp://mirror")
    assert operator.refused("install", NAME) == "settings.wrong"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("install", "no-such-model"), "model.unknown"),
        (("install", "../escape"), "model.name_wrong"),
        (("install", "default"), "model.name_wrong"),
        (("install", NAME, "--file", "no-such.zip"), "model.download_refused"),
        (("install", NAME, "--file", "x.zip", "--mirror", "http://x"), "model.options_wrong"),
        (("install", NAME, "--sha256", "abc"), "model.options_wrong"),
        (("install", NAME, "--mirror", "mirror.example"), "model.download_refused"),
        (("install",), "usage"),
        (("check", NAME), "model.not_installed"),
        (("check", "a/b"), "model.name_wrong"),
        (("use", NAME), "model.not_installed"),
        (("use",), "model.options_wrong"),
        (("use", NAME, "--previous"), "model.options_wrong"),
        (("use", "--previous"), "model.no_previous"),
        (("remove", "mini-cn"), "model.embedded"),
        (("remove", NAME), "model.not_installed"),
        (("remove", ".."), "model.name_wrong"),
        (("nonsense",), "usage"),
    ],
)
def test_wrong_words_are_named(operator: Operator, words: tuple[str, ...], code: str) -> None:
    assert operator.refused(*words) == code


def test_a_damaged_model_is_found_and_not_taken_into_use(operator: Operator, archive: Path) -> None:
    operator.json("install", "ours-1.0", "--file", str(archive))
    folder = operator.data / "models" / "ours-1.0"
    (folder / "README.md").write_text("changed")
    (folder / "new").touch()
    (folder / "conf" / "model.conf").unlink()
    done = operator.types("check", "ours-1.0")
    assert isinstance(done.exception, HotlineError)
    assert done.exception.code == "model.damaged"
    for path in ("README.md", "new", "conf/model.conf"):
        assert path in done.exception.message
    assert operator.refused("use", "ours-1.0") == "model.does_not_load"
    assert ModelChoice(Settings(data_dir=operator.data)).current().model == "default"


def test_a_switch_that_was_taken_back_is_told(operator: Operator) -> None:
    choice = ModelChoice(Settings(data_dir=operator.data))
    choice.use("ours-1.0")
    choice.roll_back(choice.folder(), "graph/words.txt missing")
    assert "ours-1.0: graph/words.txt missing" in operator.types("list").stdout


def test_the_model_that_the_settings_name_is_listed_too(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOSK_MODEL", str(tmp_path / "elsewhere-7.1"))
    (row,) = [row for row in operator.json("list")["models"] if row["id"] == "default"]
    assert (row["identity"]["version"], row["is_in_use"], row["is_installed"]) == ("7.1", True, False)


def test_a_killed_install_leaves_no_model_and_the_next_one_goes_on(operator: Operator) -> None:
    name, content = "vosk-model-cn-0.22", model_zip()
    half = len(content) // 2
    with moody_server() as server:
        server.plan = [fall_silent(content, half), serve(content)]
        words = [sys.executable, "-m", "app.cli", "models", "install", name, "--mirror", server.url]
        part = operator.data / "models" / ".incoming" / name / "archive.part"
        installing = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: part.exists() and part.stat().st_size > half - (1 << 16), 30)
            assert operator.refused("install", name, "--mirror", server.url) == "model.install_running"
        finally:
            installing.kill()
            installing.wait()
        assert not any(row["id"] == name and row["is_installed"] for row in operator.json("list")["models"])
        assert operator.json("install", name, "--mirror", server.url)["is_installed"]
        assert "range" in server.asked[-1]


def test_an_error_is_one_line_and_status_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "models", "use", "no-such-model"],
        env={**os.environ, "HOTLINE_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("hotline: model.not_installed: ")
    assert len(done.stderr.splitlines()) == 1
