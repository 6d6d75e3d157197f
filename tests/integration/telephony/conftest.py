"""A running embedded line on free loopback ports, and sounds to play on it."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.ports import CallControl, Clip
from tests.contracts.sounds import write_tone

TEST_CONFIG = EmbeddedSipConfig(
    host="127.0.0.1",
    port=0,
    allowed_peers=("127.0.0.1/32",),
    rtp_port_min=21000,
    rtp_port_max=24998,
    line_number="12345",
    no_reply_s=1.0,
    stop_within_s=2.0,
)


@asynccontextmanager
async def running_line(
    on_call: Callable[[CallControl], Awaitable[None]] | None = None, **changes: object
) -> AsyncIterator[EmbeddedSipLine]:
    line = EmbeddedSipLine(replace(TEST_CONFIG, **changes))  # type: ignore[arg-type]
    line.on_call = on_call
    await line.start()
    try:
        yield line
    finally:
        await line.stop()


@pytest.fixture
def tone(tmp_path: Path) -> Clip:
    """Two seconds of sound."""
    return Clip("tone", write_tone(tmp_path / "tone.wav", seconds=2.0))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A UDP port where somebody takes everything and never replies."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", 0))
        yield taker.getsockname()[1]
