"""What the entrance needs from outside: somebody who fetches a sound from another machine."""

from pathlib import Path
from typing import Protocol


class SoundFetcher(Protocol):
    def fetch(self, url: str, target: Path) -> None:
        """Write what lies at `url` to `target`. Raises FetchFailed. Follows no redirect, reads no more than it may."""
        ...
