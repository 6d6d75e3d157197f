"""What the browser line must be told; app/bootstrap.py fills it from settings and policy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrowserLineConfig:
    """The first half mirrors the settings; the limits below it change only in tests."""

    host: str = "127.0.0.1"
    port: int = 8015
    """0 takes a free one."""
    line_number: str = "12345"
    max_citizens: int = 20
    """Calls of citizens at once; 0 closes the public page."""
    max_phones: int = 500
    """Seats whose browser is their phone."""
    dead_media_s: float = 20.0

    resume_within_s: float = 10.0
    """So long a call outlives its socket."""
    calls_per_address: int = 4
    hello_within_s: float = 5.0
    most_sockets: int = 1000
    most_strangers: int = 64
    """Sockets that have not shown a token yet."""
    ring_confirmed_within_s: float = 3.0
    """A browser that does not say that it rings is no phone."""
    ping_every_s: float = 5.0
    stop_within_s: float = 5.0
