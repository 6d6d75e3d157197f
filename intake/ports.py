"""What the entrance needs from outside: somebody who fetches a sound, and somebody who looks how long it is."""

from pathlib import Path
from typing import Protocol


class SoundFetcher(Protocol):
    def fetch(self, url: str, target: Path) -> None:
        """Write what lies at `url` to `target`. Raises FetchFailed. Follows no redirect, reads no more than it may."""
        ...


class SoundFacts(Protocol):
    @property
    def duration_ms(self) -> int | None:
        """As the file says; None when it does not say."""
        ...


class SoundProbe(Protocol):
    def probe(self, path: Path) -> SoundFacts:
        """Look at a sound, quickly. Raises a HotlineError for what is none."""
        ...
