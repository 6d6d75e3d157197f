"""How much memory a process holds."""

import os
from pathlib import Path


def resident_bytes(pid: int) -> int:
    """0 where there is no /proc, or no such process."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
