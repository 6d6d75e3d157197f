"""Sizes: warned of at the aim, failed at the stop."""

from pathlib import Path

from tools.check_sizes import Oversize, oversizes


def write(root: Path, name: str, lines: list[str]) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def function(lines: int) -> list[str]:
    return ["def long() -> None:", *["    ..."] * (lines - 1)]


def found(root: Path) -> dict[str, bool]:
    """What is oversize → whether it stops the check."""
    return {each.what: each.is_stop for each in oversizes(root)}


def test_what_is_within_its_aim_is_not_mentioned(tmp_path: Path) -> None:
    write(tmp_path, "kit/small.py", function(40))
    assert found(tmp_path) == {}


def test_a_function_is_warned_of_over_40_lines_and_stopped_over_60(tmp_path: Path) -> None:
    write(tmp_path, "ivr/warned.py", function(60))
    write(tmp_path, "ivr/stopped.py", ["async " + function(61)[0], *function(61)[1:]])
    assert found(tmp_path) == {"ivr/warned.py:1 long()": False, "ivr/stopped.py:1 long()": True}


def test_a_python_file_is_warned_of_over_300_lines_and_stopped_over_500(tmp_path: Path) -> None:
    write(tmp_path, "app/warned.py", ["x = 1"] * 500)
    write(tmp_path, "tests/stopped.py", ["x = 1"] * 501)
    assert found(tmp_path) == {"app/warned.py": False, "tests/stopped.py": True}


def test_a_console_file_is_stopped_over_250_lines(tmp_path: Path) -> None:
    write(tmp_path, "console/src/features/Kept.vue", ["<p/>"] * 250)
    write(tmp_path, "console/src/features/Stopped.vue", ["<p/>"] * 251)
    assert found(tmp_path) == {"console/src/features/Stopped.vue": True}


def test_generated_files_are_not_counted(tmp_path: Path) -> None:
    write(tmp_path, "migrations/versions/0001_all.py", ["x = 1"] * 900)
    write(tmp_path, "console/src/shared/api/schema.d.ts", ["//"] * 900)
    assert found(tmp_path) == {}


def test_the_longest_comes_first_and_says_its_limit(tmp_path: Path) -> None:
    write(tmp_path, "kit/a.py", ["x = 1"] * 301)
    write(tmp_path, "kit/b.py", ["x = 1"] * 600)
    assert [str(each) for each in oversizes(tmp_path)] == [
        "kit/b.py: 600 lines (stop 500)",
        "kit/a.py: 301 lines (aim 300)",
    ]
    assert isinstance(oversizes(tmp_path)[0], Oversize)
