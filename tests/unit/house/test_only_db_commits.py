"""Only kit/db.py ends a transaction: everybody else would tell facts that may still be rolled back."""

import re

from config.settings import ROOT
from tools.check_sizes import PACKAGES

_COMMIT = re.compile(r"\.(commit|rollback)\(")


def test_nobody_but_kit_db_commits() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path != ROOT / "kit" / "db.py" and _COMMIT.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
