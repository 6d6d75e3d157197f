"""Lock files answer pyproject.toml, can be served by any mirror, and pin every package with hashes."""

import re
from pathlib import Path

import pytest

from config.settings import ROOT
from tools.lock import DEV_LOCK, RUN_LOCK, UV_LOCK, asked_for, head_line, problems

ASKED = ["alembic>=1.20", "audioop-lts>=0.2; python_version >= '99'"]


def lock_of(folder: Path, text: str) -> Path:
    path = folder / "requirements.lock"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_locks_of_this_project_answer_its_requirements() -> None:
    asked = asked_for(ROOT / "pyproject.toml")
    assert {path: problems(path, requirements) for path, requirements in asked.items()} == {RUN_LOCK: [], DEV_LOCK: []}


@pytest.mark.parametrize("lock", [RUN_LOCK, DEV_LOCK, UV_LOCK], ids=lambda path: path.name)
def test_every_pin_has_a_hash_and_no_host_is_named(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pins = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in text


def test_the_console_lock_names_no_host_either() -> None:
    assert '"resolved"' not in (ROOT / "console" / "package-lock.json").read_text(encoding="utf-8")


def test_a_requirement_that_changed_after_locking_is_noticed(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, head_line(ASKED) + "alembic==1.20.1 \\\n")
    assert problems(lock, ASKED) == []
    assert problems(lock, [*ASKED, "rich>=15"]) == [
        "requirements.lock does not answer pyproject.toml: run `make lock`",
        "requirements.lock has no fitting version of rich",
    ]


def test_a_pin_below_its_bound_is_noticed(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, head_line(ASKED) + "alembic==1.19.0 \\\n")
    assert problems(lock, ASKED) == ["requirements.lock has no fitting version of alembic"]


def test_a_host_in_a_lock_is_noticed(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, head_line(ASKED) + "--index-url https://mirror.example/simple\nalembic==1.20.1\n")
    assert problems(lock, ASKED) == ["requirements.lock names a host"]
