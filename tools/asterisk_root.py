"""Make the tests' Asterisk 22, once per machine: Debian forky in a folder of its own, by debootstrap.

Standard library only, run by the system's Python (as root; tools/prepare.py does it).
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app.demo.debian_folder import ROOT, command, is_made

_SUITE = "forky"  # the first Debian with Asterisk 22 and chan_websocket
_PACKAGES = "asterisk,ca-certificates"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SCRIPTS = Path("/usr/share/debootstrap/scripts")
_SCRIPTS_TO_TRY = (_SUITE, "trixie", "sid")  # an older debootstrap does not know forky by name; the recipe is the same
_OLDEST = (22, 8)  # chan_websocket speaks JSON since then


class NotMade(Exception):
    """Why there is no Asterisk, in words that say what to do."""


def make() -> None:
    """Nothing if it is there; raises NotMade."""
    if is_made():
        return
    if os.geteuid() != 0:
        raise NotMade(f"only root can make {ROOT}: run this once as root: python3 -m tools.asterisk_root")
    ROOT.parent.mkdir(parents=True, exist_ok=True)
    with ROOT.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two clones on one machine
        if is_made():
            return
        half = Path(tempfile.mkdtemp(prefix="half-made-", dir=ROOT.parent))
        try:
            _debootstrap(half)
            _must_be_new_enough(half)
            half.chmod(0o755)
            half.rename(ROOT)
        finally:
            shutil.rmtree(half, ignore_errors=True)


def _debootstrap(folder: Path) -> None:
    script = next((_SCRIPTS / name for name in _SCRIPTS_TO_TRY if (_SCRIPTS / name).exists()), None)
    if script is None or not _KEYRING.exists():
        raise NotMade("the Debian packages debootstrap and debian-archive-keyring are needed")
    log = folder.parent / "debootstrap.log"
    with log.open("w") as out:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--keyring={_KEYRING}", f"--include={_PACKAGES}",
             _SUITE, str(folder), mirror(), str(script)],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=os.environ | _proxy(),
        )  # fmt: skip
    if made.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise NotMade(f"debootstrap of {_SUITE} from this machine's apt mirror failed, see {log}:\n{tail}")
    shutil.rmtree(folder / "var" / "cache" / "apt", ignore_errors=True)


def mirror() -> str:
    """The Debian mirror in this machine's own apt sources; raises NotMade."""
    for line in _apt("apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI)", "Created-By: Packages"):
        address = line.strip().rstrip("/")
        if address.endswith("/debian"):
            return address
    raise NotMade("this machine's apt sources name no Debian mirror (an address that ends in /debian)")


def _proxy() -> dict[str, str]:
    """What apt goes through, debootstrap shall go through too."""
    for line in _apt("apt-config", "dump", "--format", "%f=%v%n", "Acquire::http::Proxy"):
        name, _, value = line.partition("=")
        if name == "Acquire::http::Proxy" and value and value != "DIRECT":
            return {"http_proxy": value}
    return {}


def _apt(*words: str) -> list[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotMade(f"{words[0]} could not be asked ({error}): the test's Asterisk is made on Debian only") from None


def _must_be_new_enough(folder: Path) -> None:
    answer = subprocess.run(command("-V", root=folder), capture_output=True, text=True)
    found = re.search(r"Asterisk (\d+)\.(\d+)", answer.stdout)
    if not found or (int(found[1]), int(found[2])) < _OLDEST:
        raise NotMade(f"{_SUITE} brought no usable Asterisk: {answer.stdout.strip() or answer.stderr.strip()[-300:]}")


if __name__ == "__main__":
    try:
        make()
    except NotMade as failure:
        sys.exit(f"prepare: no Asterisk for the tests: {failure}")
