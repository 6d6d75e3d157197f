"""Steps of the recipe: each is shown while it runs, and left out when what it is made of did not change."""

import ast
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_STAMP = "made-of"


@dataclass(frozen=True, slots=True)
class Step:
    """`make` fills a folder; it gets the folder and a function that is told how far it is (done, of)."""

    name: str
    title: str
    fingerprint: str
    make: Callable[[Path, Callable[[float, float], None]], None]


def fingerprint(*facts: object, sources: Iterable[ModuleType | Path] = ()) -> str:
    """Changes with the facts and with what the sources say; comments and layout of a Python file do not count."""
    total = hashlib.sha256(json.dumps([str(fact) for fact in facts]).encode())
    for source in sources:
        path = Path(str(source.__file__)) if isinstance(source, ModuleType) else source
        text = path.read_text(encoding="utf-8")
        total.update(ast.dump(ast.parse(text)).encode() if path.suffix == ".py" else text.encode())
    return total.hexdigest()[:16]


class Workshop(AbstractContextManager["Workshop"]):
    """A folder with a sub-folder for each step. A step that was cut off finds its unfinished folder again."""

    def __init__(self, folder: Path, console: Console) -> None:
        self._folder, self._console = folder, console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )

    def __enter__(self) -> "Workshop":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def do(self, step: Step) -> Path:
        """The step's folder, with what it makes."""
        folder = self._folder / step.name
        stamp = folder / _STAMP
        task = self._progress.add_task(step.title, total=1)
        if not (stamp.exists() and stamp.read_text() == step.fingerprint):
            step.make(self._unfinished(step), lambda done, of: self._progress.update(task, completed=done, total=of))
            shutil.rmtree(folder, ignore_errors=True)
            (self._folder / f"{step.name}.unfinished").rename(folder)
            stamp.write_text(step.fingerprint)
        self._progress.update(task, completed=1, total=1)
        return folder

    def say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    def _unfinished(self, step: Step) -> Path:
        folder = self._folder / f"{step.name}.unfinished"
        stamp = folder / _STAMP
        if not (stamp.exists() and stamp.read_text() == step.fingerprint):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            stamp.write_text(step.fingerprint)
        return folder
