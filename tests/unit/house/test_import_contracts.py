"""Every import contract catches a violation that is planted in a copy of the tree, and is named for it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT
from tools.check_sizes import PACKAGES

SIBLINGS = "Sibling packages do not know each other"
STOREYS = "app stands above the packages and config, kit below them"
ROOMS = "Inside a package imports run down to the domain"
ADAPTERS = "Only app plugs adapters in"
DOMAIN = "A domain is standard library, kit.clock, kit.errors and kit.events"
DELIVERY = "FastAPI, RQ and Redis are met only in app"
VENDORS = "Vendors are met only in adapters"
SQL = "SQLAlchemy is met only in models, repositories, services, kit.db and app.views"
RECIPE = "The model's recipe is no part of what runs: only the benchmark measures with its test set"
TORCH = "torch is met in the fit alone, which runs in an environment of its own"
TOOLS = "Nothing that runs leans on tests or tools"

PLANTED = [
    (SIBLINGS, "callbacks/service.py", "import people.service"),
    (SIBLINGS, "ivr/ports.py", "from ticketing.domain import lifecycle"),
    (STOREYS, "ticketing/service.py", "from config.policy import Policy"),
    (STOREYS, "kit/clock.py", "import ivr.domain.call"),
    (STOREYS, "asr/service.py", "import app.flow"),
    (ROOMS, "ticketing/domain/lifecycle.py", "import ticketing.models"),
    (ROOMS, "callbacks/repository.py", "import callbacks.service"),
    (ROOMS, "ivr/adapters/__init__.py", "import ivr.service"),
    (ROOMS, "people/side_room.py", '"""A room without a place in the contract."""'),
    (ADAPTERS, "asr/service.py", "import asr.adapters.vosk"),
    (DOMAIN, "ivr/domain/call.py", "import structlog"),
    (DOMAIN, "callbacks/domain/retry.py", "from kit.db import Database"),
    (DELIVERY, "ivr/service.py", "import redis"),
    (DELIVERY, "ticketing/service.py", "from fastapi import HTTPException"),
    (DELIVERY, "asr/repository.py", "import rq"),
    (VENDORS, "asr/service.py", "import vosk"),
    (VENDORS, "app/telephony.py", "import aiosipua"),
    (SQL, "app/flow.py", "from sqlalchemy import select"),
    (SQL, "ivr/scripts/__init__.py", "import sqlalchemy"),
    (RECIPE, "app/flow.py", "import asr.training.evaluation_set"),
    (TORCH, "asr/training/graph.py", "import torch"),
    (TOOLS, "kit/ids.py", "import tools.prepare"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that import-linter reads."""
    copy = tmp_path_factory.mktemp("tree")
    for package in (*PACKAGES, "tools"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "models", "*.wav"))
    for models in ROOT.glob("*/models.py"):  # ignored above together with the speech models' folder
        shutil.copy(models, copy / models.relative_to(ROOT))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def broken_contracts(tree: Path) -> set[str]:
    """Names of the contracts that import-linter calls broken; fails when it could not judge."""
    finished = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tree,
        env=os.environ | {"COLUMNS": "200", "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
    )
    assert "Contracts: " in finished.stdout, finished.stdout + finished.stderr
    broken = set(re.findall(r"^(.+) BROKEN$", finished.stdout, re.MULTILINE))
    assert (finished.returncode != 0) == bool(broken)
    return broken


def test_the_tree_as_it_is_breaks_no_contract(tree: Path) -> None:
    assert broken_contracts(tree) == set()


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_violation_is_caught_by_name(tree: Path, contract: str, file: str, line: str) -> None:
    path = tree / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        assert contract in broken_contracts(tree)
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


def test_every_contract_has_a_planted_violation() -> None:
    named = re.findall(r'\[\[tool\.importlinter\.contracts\]\]\nname = "(.+)"', (ROOT / "pyproject.toml").read_text())
    assert set(named) == {contract for contract, _, _ in PLANTED}
