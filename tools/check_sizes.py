"""Files and functions that outgrow the house. Over the aim: a warning. Over the stop: the check fails."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.prepare import ROOT

PACKAGES = ("app", "asr", "callbacks", "config", "intake", "ivr", "kit", "people", "ticketing")
PYTHON_FOLDERS = (*PACKAGES, "migrations", "tests", "tools")
CONSOLE_FOLDERS = ("console/src", "console/tests")
NOT_COUNTED = ("migrations/versions/", "console/src/shared/api/schema.d.ts")
"""Generated: nobody reads them from top to bottom."""


@dataclass(frozen=True)
class Limit:
    aim: int
    stop: int


PYTHON_FILE = Limit(aim=300, stop=500)
FUNCTION = Limit(aim=40, stop=60)
CONSOLE_FILE = Limit(aim=250, stop=250)


@dataclass(frozen=True)
class Oversize:
    """`what` (a file, or a function in it) has `lines` lines."""

    what: str
    lines: int
    limit: Limit

    @property
    def is_stop(self) -> bool:
        return self.lines > self.limit.stop

    def __str__(self) -> str:
        bound = f"stop {self.limit.stop}" if self.is_stop else f"aim {self.limit.aim}"
        return f"{self.what}: {self.lines} lines ({bound})"


def oversizes(root: Path) -> list[Oversize]:
    """Everything over its aim in the project at `root`, the longest first."""
    measured = [*_python(root), *_console(root)]
    return sorted((each for each in measured if each.lines > each.limit.aim), key=lambda each: -each.lines)


def _python(root: Path) -> Iterator[Oversize]:
    for path, name in _files(root, PYTHON_FOLDERS, {".py"}):
        text = path.read_text(encoding="utf-8")
        yield Oversize(name, len(text.splitlines()), PYTHON_FILE)
        for node in ast.walk(ast.parse(text, name)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield Oversize(f"{name}:{node.lineno} {node.name}()", lines, FUNCTION)


def _console(root: Path) -> Iterator[Oversize]:
    for path, name in _files(root, CONSOLE_FOLDERS, {".ts", ".vue", ".css"}):
        yield Oversize(name, len(path.read_text(encoding="utf-8").splitlines()), CONSOLE_FILE)


def _files(root: Path, folders: tuple[str, ...], suffixes: set[str]) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix in suffixes and path.is_file() and not name.startswith(NOT_COUNTED):
                yield path, name


def main() -> int:
    found = oversizes(ROOT)
    sys.stdout.writelines(f"{each}\n" for each in found)
    return 1 if any(each.is_stop for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
