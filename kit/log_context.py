"""Ids that belong to every log line of one call, job or request."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars


@contextmanager
def log_context(**ids: str) -> Iterator[None]:
    """Bind ids to all log lines of the block (and of the tasks started in it)."""
    with bound_contextvars(**ids):
        yield
