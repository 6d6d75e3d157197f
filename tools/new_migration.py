"""Write the next migration from what the models say: `new_migration.py "what changes"`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from app.migrate import alembic_config
from tools.prepare import ROOT

VERSIONS = ROOT / "migrations" / "versions"


def next_number() -> str:
    """Migrations are numbered 0001, 0002, … so that the folder reads in order."""
    numbers = [int(path.name[:4]) for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py")]
    return f"{max(numbers, default=0) + 1:04d}"


def write_migration(message: str) -> Path:
    """Compare the models with a fresh database that has every migration so far, and write the difference."""
    number = next_number()
    with tempfile.TemporaryDirectory() as folder:
        config = alembic_config(f"sqlite:///{folder}/fresh.sqlite3")
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=number)
    (path,) = VERSIONS.glob(f"{number}_*.py")
    text = re.sub(r"^ *# ### .*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('usage: make migration m="what changes"')
    sys.stdout.write(f"{write_migration(sys.argv[1]).relative_to(ROOT)}\n")
