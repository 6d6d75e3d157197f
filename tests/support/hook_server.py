"""A local HTTP server that hears what is posted to it, and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook(BaseHTTPRequestHandler):
    server: "HookServer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.answer)
        self.end_headers()
        if self.server.has_endless_body:
            with suppress(OSError):
                while not self.server.closing.wait(0.05):
                    self.wfile.write(b".")

    def log_message(self, *_: object) -> None:
        """Quiet."""


class HookServer(ThreadingHTTPServer):
    """`heard`: headers and body of each request, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answer = 204
        self.has_endless_body = False
        self.closing = threading.Event()


@contextmanager
def hook_server() -> Iterator[HookServer]:
    server = HookServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
