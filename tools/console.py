"""Run one of the console's own scripts (console/package.json) with the right Node: `console.py test`."""

import os
import shutil
import subprocess
import sys

from tools.prepare import CONSOLE, PrepareFailed, node_path, say


def main(script: str) -> int:
    try:
        path = node_path()
    except PrepareFailed as failure:
        say(str(failure))
        return 1
    npm = shutil.which("npm", path=path) or "npm"
    return subprocess.run([npm, "run", "--silent", script], cwd=CONSOLE, env=os.environ | {"PATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
