"""Where the machine's Asterisk for demonstrations and tests lies, and how it is started.

Standard library only: tools/asterisk_root.py, which makes the folder, runs before any package is installed. The
programs inside are started with the folder's own loader and libraries, so that its paths are the machine's: no chroot.
"""

from pathlib import Path

ROOT = Path("/var/cache/hotline/asterisk-forky")


def library_folder(root: Path = ROOT) -> Path:
    """Where the shared libraries of the folder's architecture are."""
    return next((root / "usr" / "lib").glob("*-linux-gnu*"))


def command(*arguments: str | Path, root: Path = ROOT) -> list[str]:
    """The command line that runs the folder's Asterisk."""
    loader = next(iter(sorted((root / "usr").glob("lib*/ld-linux*.so.*"))))
    program = root / "usr" / "sbin" / "asterisk"
    return [str(part) for part in (loader, "--library-path", library_folder(root), program, *arguments)]


def is_made(root: Path = ROOT) -> bool:
    return (root / "usr" / "sbin" / "asterisk").exists()
