"""Which processes make one hotline. The runner and docker-compose.yml start these, and no others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HotlineProcess:
    """`name` is also the word of the `hotline` command that is this process."""

    name: str
    stop_within_s: int
    """After SIGTERM; then it is killed, and what it had in hand is found again at the next start."""
    needs_redis: bool = True


PROCESSES = (
    HotlineProcess("worker", stop_within_s=20),  # may finish the recording in hand
    HotlineProcess("listener", stop_within_s=15, needs_redis=False),  # lets callers finish their sentence
    HotlineProcess("scheduler", stop_within_s=10),
    HotlineProcess("web", stop_within_s=10),
    HotlineProcess("telephony", stop_within_s=15, needs_redis=False),  # says goodbye to live calls
)
"""In the order they are started; they are stopped in the opposite order, the telephone line first."""


def arguments(process: HotlineProcess) -> tuple[str, ...]:
    """Arguments of the Python interpreter that start this process."""
    return ("-m", "app.cli", process.name)
