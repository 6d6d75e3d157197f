"""`make check`: every check, each with one line of verdict; what failed says why below it."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.prepare import CONSOLE, ROOT, node_path

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    name: str
    promise: str
    command: tuple[str, ...]
    folder: Path = ROOT


@dataclass(frozen=True)
class Verdict:
    check: Check
    is_kept: bool
    output: str
    seconds: float


def _python(name: str, promise: str, *arguments: str) -> Check:
    return Check(name, promise, (sys.executable, *arguments))


def _console(name: str, promise: str, script: str) -> Check:
    return Check(name, promise, ("npm", "run", "--silent", script), CONSOLE)


CHECKS = (
    Check("types", "mypy, strict", (str(BIN / "mypy"),)),
    _console("console types", "vue-tsc", "typecheck"),
    _console("console lint", "ESLint, feature borders among it", "lint"),
    _console("console schema", "API types are those of docs/openapi.json", "check:schema"),
    _python("format", "ruff format changes nothing", "-m", "ruff", "format", "--check", "--quiet", "."),
    _python("lint", "ruff finds nothing", "-m", "ruff", "check", "--quiet", "."),
    Check("contracts", "import-linter: who may import whom", (str(BIN / "lint-imports"), "--no-cache")),
    _python("sizes", "no file or function beyond its stop", "-m", "tools.check_sizes"),
    _python("migrations", "they make exactly the tables of the models", "-m", "tools.check_migrations"),
    _python("locks", "lock files answer pyproject.toml and name no host", "-m", "tools.lock", "--check"),
    _python("openapi", "docs/openapi.json is what the API says", "-m", "tools.openapi", "--check"),
    _python("ticket life", "docs/ticket-life.md is drawn from the table", "-m", "tools.ticket_life", "--check"),
)


def run(check: Check, environment: dict[str, str]) -> Verdict:
    started = time.monotonic()
    program = shutil.which(check.command[0], path=environment["PATH"]) or check.command[0]
    finished = subprocess.run(
        [program, *check.command[1:]],
        cwd=check.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Verdict(check, finished.returncode == 0, finished.stdout.strip(), time.monotonic() - started)


def main() -> int:
    environment = os.environ | {"PATH": node_path(), "COLUMNS": "160"}
    kept = True
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        verdicts: list[Future[Verdict]] = [pool.submit(run, check, environment) for check in CHECKS]
        for future in verdicts:
            verdict = future.result()
            kept = kept and verdict.is_kept
            mark = "ok    " if verdict.is_kept else "FAILED"
            line = f"{mark} {verdict.check.name:<14} {verdict.check.promise} ({verdict.seconds:.1f} s)"
            sys.stdout.write(f"{line}\n" if verdict.is_kept else f"{line}\n{verdict.output}\n")
            sys.stdout.flush()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
