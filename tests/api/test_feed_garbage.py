"""What a socket may be sent: anything else closes it, and nothing else."""

import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest
import structlog
from websockets.exceptions import ConnectionClosed

from app.bootstrap import Services
from app.web import create_app
from tests.api.world import ONE_DATABASE, Console, World, closing_of, web_server

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


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
    with console("ann").socket() as silent:
        assert closing_of(silent) == (4408, "feed.no_resume")


def test_sockets_that_vanish_in_the_middle_are_no_error(services: Services, world: World) -> None:
    app = create_app(services)
    with web_server(app) as url, structlog.testing.capture_logs() as lines, ExitStack() as sockets:
        ann = Console(url)
        ann.sign_in("ann")
        feeds = [sockets.enter_context(ann.feed()) for _ in range(10)]
        for feed in feeds:
            services.nudges.publish("presence")
            feed.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            feed.socket.close_socket()
        with ann.feed() as last:
            for _ in range(200):
                services.nudges.publish("presence")
                last.next()
                if len(app.state.feed_hub._subscriptions) == 1:
                    break
            assert len(app.state.feed_hub._subscriptions) == 1
    assert [line["event"] for line in lines if line["log_level"] in ("error", "critical")] == []
