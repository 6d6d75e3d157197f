"""Fetching a sound from another machine: what comes is limited, and every failure says whether to try again."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from intake.adapters.http_fetcher import HttpFetcher
from intake.domain.errors import FetchFailed
from tests.support.ports import free_port

SOUND = bytes(range(256)) * 40
STOPPED = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.strip("/")
        if path == "cut":
            self.send_response(200)
            self.send_header("Content-Length", str(len(SOUND)))
            self.end_headers()
            self.wfile.write(SOUND[:100])
            return
        if path == "endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(1000):
                self.wfile.write(SOUND)
            return
        if path == "trickle":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not STOPPED.wait(0.05):
                    self.wfile.write(b".")
            return
        status = int(path) if path.isdigit() else 200
        self.send_response(status)
        self.send_header("Location", "/sound")
        self.send_header("Content-Length", str(len(SOUND)))
        self.end_headers()
        self.wfile.write(SOUND)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    STOPPED.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    STOPPED.set()
    server.shutdown()
    server.server_close()


@contextmanager
def refused(*, is_final: bool) -> Iterator[None]:
    with pytest.raises(FetchFailed) as failure:
        yield
    assert failure.value.is_final is is_final


def test_what_lies_there_is_written(address: str, tmp_path: Path) -> None:
    HttpFetcher(max_bytes=len(SOUND)).fetch(f"{address}/sound", tmp_path / "sound")
    assert (tmp_path / "sound").read_bytes() == SOUND


@pytest.mark.parametrize(("status", "is_final"), [(302, True), (404, True), (410, True), (429, False), (503, False)])
def test_an_answer_without_a_sound_is_no_sound(address: str, tmp_path: Path, status: int, is_final: bool) -> None:
    with refused(is_final=is_final):
        HttpFetcher(max_bytes=1 << 20).fetch(f"{address}/{status}", tmp_path / "sound")


@pytest.mark.parametrize("path", ["sound", "endless"])
def test_more_than_allowed_is_not_read(address: str, tmp_path: Path, path: str) -> None:
    with refused(is_final=True):
        HttpFetcher(max_bytes=len(SOUND) - 1).fetch(f"{address}/{path}", tmp_path / "sound")


def test_a_connection_that_breaks_is_worth_another_try(address: str, tmp_path: Path) -> None:
    with refused(is_final=False):
        HttpFetcher(max_bytes=1 << 20).fetch(f"{address}/cut", tmp_path / "sound")


def test_a_machine_that_is_away_is_worth_another_try(tmp_path: Path) -> None:
    with refused(is_final=False):
        HttpFetcher(max_bytes=1 << 20).fetch(f"http://127.0.0.1:{free_port()}/sound", tmp_path / "sound")


def test_a_machine_that_is_too_slow_is_left(address: str, tmp_path: Path) -> None:
    with refused(is_final=False):
        HttpFetcher(max_bytes=1 << 30, within_s=0).fetch(f"{address}/sound", tmp_path / "sound")


def test_a_trickle_is_left_when_its_time_is_over(address: str, tmp_path: Path) -> None:
    """Never silent for long enough to be given up, never enough for a whole block."""
    began = time.monotonic()
    with refused(is_final=False):
        HttpFetcher(max_bytes=1 << 20, within_s=0.3).fetch(f"{address}/trickle", tmp_path / "sound")
    assert time.monotonic() - began < 5


def test_garbage_instead_of_http_is_worth_another_try(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].sendall(b"SIP/2.0 200 OK\r\n\r\n"), daemon=True).start()
        with refused(is_final=False):
            HttpFetcher(max_bytes=1 << 20).fetch(f"http://127.0.0.1:{server.getsockname()[1]}/", tmp_path / "sound")


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0",  # then a name without end
    ],
)
def test_an_answer_that_never_gets_to_its_sound_is_left(tmp_path: Path, beginning: bytes) -> None:
    def drip() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(beginning)
            while not STOPPED.wait(0.05):
                connection.sendall(b"a")

    STOPPED.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        began = time.monotonic()
        try:
            with refused(is_final=False):
                url = f"http://127.0.0.1:{server.getsockname()[1]}/"
                HttpFetcher(max_bytes=1 << 20, within_s=0.3).fetch(url, tmp_path / "sound")
        finally:
            STOPPED.set()
            dripping.join(5)
        assert time.monotonic() - began < 5
