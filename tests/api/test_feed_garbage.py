"""What a socket may be sent: anything else closes it, and nothing else."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.world import Console, World, closing_of

Open = Callable[[str], Console]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("not json", 4400),
        ("[]", 4400),
        ('{"type": 1}', 4400),
        ('{"type": "subscribe-to-everything"}', 4400),
        ('{"type": "resume"', 4400),
        ('{"type": "resume", "cursor": "1"}', 4400),
        ('{"type": "resume", "cursor": -1}', 4400),
        ('{"type": "resume", "cursor": true}', 4400),
        ('{"type": "resume", "cursor": 1e999}', 4400),
        ("[" * 4000, 4400),
        ("x" * 5000, 1009),
        ("x" * 100_000, 1009),
        (b"\x00\x01", 1003),
    ],
    ids=lambda value: str(value)[:20],
)
def test_garbage_closes_its_own_socket_and_disturbs_nobody(
    console: Open, world: World, sent: str | bytes, code: int
) -> None:
    world.be_available("ann")
    with console("ann").feed() as ann:
        with console("cid").socket() as first:
            first.send(sent)
            assert closing_of(first)[0] == code
        with console("cid").feed() as later:
            later.socket.send(sent)
            assert closing_of(later.socket)[0] == code
        world.open_ticket()
        assert ann.next_event()["kind"] == "ticket.offered"


def test_a_flood_is_closed(console: Open) -> None:
    with console("ann").feed() as feed:
        with suppress(ConnectionClosed):
            for _ in range(40):
                feed.say({"type": "pong"})
        assert closing_of(feed.socket)[0] == 4429


def test_a_socket_that_says_nothing_is_closed(console: Open) -> None:
    with console("ann").socket() as socket:
        assert closing_of(socket) == (4408, "feed.no_resume")
