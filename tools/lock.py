"""The lock files: `lock.py` makes them, `lock.py --check` says whether they fit pyproject.toml.

requirements.lock is what runs, requirements-dev.lock adds what tests and checks, tools/uv.lock.txt brings uv.
None of them names a host, so that every mirror can serve them (docs/adr/0001).
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tools.prepare import ROOT, UV, UV_ENVIRONMENT

UV_LOCK = ROOT / "tools" / "uv.lock.txt"
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
SHAPE = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links")


def asked_for(project: Path) -> dict[Path, list[str]]:
    """What pyproject.toml asks for, per lock file."""
    declared = tomllib.loads(project.read_text(encoding="utf-8"))
    runs = [str(each) for each in declared["project"]["dependencies"]]
    return {RUN_LOCK: runs, DEV_LOCK: [*runs, *declared["dependency-groups"]["dev"]]}


def head_line(requirements: list[str]) -> str:
    """First line of a lock file: which requirements it answers."""
    digest = hashlib.sha256(json.dumps(sorted(requirements)).encode()).hexdigest()
    return f"# Made by `make lock`; answers the requirements with sha256 {digest}\n"


def problems(lock: Path, requirements: list[str]) -> list[str]:
    """Why this lock file cannot be trusted; empty when it can."""
    text = lock.read_text(encoding="utf-8")
    found = []
    if not text.startswith(head_line(requirements)):
        found.append(f"{lock.name} does not answer pyproject.toml: run `make lock`")
    if _HOST.search(text):
        found.append(f"{lock.name} names a host")
    pins = {name.lower(): version for name, version in _PIN.findall(text)}
    for requirement in map(Requirement, requirements):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        version = pins.get(requirement.name.lower())
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{lock.name} has no fitting version of {requirement.name}")
    return found


def make(*, upgrade: bool) -> None:
    """Write all three; pins stay where they are unless they must move or `upgrade` is asked for."""
    more = ["--upgrade"] if upgrade else []
    for lock, requirements in asked_for(ROOT / "pyproject.toml").items():
        group = ["--group", "dev"] if lock == DEV_LOCK else []
        _compile(lock, "pyproject.toml", *group, *more)
        lock.write_text(head_line(requirements) + lock.read_text(encoding="utf-8"), encoding="utf-8")
    _compile(UV_LOCK, "-", *more, stdin="uv")


def _compile(lock: Path, *arguments: str, stdin: str = "") -> None:
    if lock.exists():  # uv reads the pins in its output file as preferences; our first line is not its business
        lock.write_text(re.sub(r"\A#.*\n", "", lock.read_text(encoding="utf-8")), encoding="utf-8")
    command = [str(UV), "pip", "compile", *arguments, *SHAPE, "--output-file", str(lock)]
    environment = os.environ | UV_ENVIRONMENT
    subprocess.run(command, cwd=ROOT, check=True, input=stdin.encode(), stdout=subprocess.DEVNULL, env=environment)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--upgrade", action="store_true")
    options = parser.parse_args()
    if not options.check:
        make(upgrade=options.upgrade)
    found = [
        problem
        for lock, requirements in asked_for(ROOT / "pyproject.toml").items()
        for problem in problems(lock, requirements)
    ]
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
