"""docs/openapi.json: written from the API, or (`--check`) compared with it."""

import argparse
import subprocess
import sys

from tools.prepare import ROOT

SNAPSHOT = ROOT / "docs" / "openapi.json"


def described() -> str:
    """What `hotline openapi` prints: the process is the same that operators run."""
    command = [sys.executable, "-m", "app.cli", "openapi"]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        SNAPSHOT.write_text(described(), encoding="utf-8")
        return 0
    if not SNAPSHOT.exists() or SNAPSHOT.read_text(encoding="utf-8") != described():
        sys.stderr.write("docs/openapi.json is not what the API says: run `make fix`, and look at the difference\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
