"""A local HTTP server that serves one file well or badly: each request is answered by the next entry of its plan."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["MoodyHandler"], None]


class MoodyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def moods(self) -> "MoodyServer":
        server = self.server
        assert isinstance(server, MoodyServer)
        return server

    def do_GET(self) -> None:
        self.moods.asked.append({name.lower(): value for name, value in self.headers.items()})
        plan = self.moods.plan
        answer = plan.pop(0) if len(plan) > 1 else plan[0]
        with suppress(OSError):
            answer(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server uses
        """Quiet."""


class MoodyServer(ThreadingHTTPServer):
    """`plan`: how to answer the first request, the second, …; the last entry stays. `asked`: headers of each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MoodyHandler)
        self.plan: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        self.closing = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is no news here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def moody_server() -> Iterator[MoodyServer]:
    server = MoodyServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def serve(content: bytes, *, tag: str = '"v1"', ranges: bool = True, cut_after: int | None = None) -> Answer:
    """The file, from where it was asked for; `cut_after`: close the line after so many bytes of this answer."""

    def answer(handler: MoodyHandler) -> None:
        start = 0
        asked = handler.headers.get("Range", "")
        if ranges and asked and handler.headers.get("If-Range") in ("", tag):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(content)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        body = content[start:]
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if tag:
            handler.send_header("ETag", tag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body if cut_after is None else body[:cut_after])
        handler.wfile.flush()
        handler.close_connection = cut_after is not None

    return answer


def announce(content: bytes, length: int, *, tag: str = "") -> Answer:
    """The whole file, under a Content-Length that is not its own."""

    def answer(handler: MoodyHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(length))
        if tag:
            handler.send_header("ETag", tag)
        handler.end_headers()
        handler.wfile.write(content)
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def fall_silent(content: bytes, after: int, *, tag: str = '"v1"') -> Answer:
    """The beginning, and then nothing more on an open line."""

    def answer(handler: MoodyHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("ETag", tag)
        handler.end_headers()
        handler.wfile.write(content[:after])
        handler.wfile.flush()
        handler.moods.closing.wait(60)
        handler.close_connection = True

    return answer


def refuse(status: int) -> Answer:
    def answer(handler: MoodyHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def send_page(text: str = "<html>Sign in to the network</html>") -> Answer:
    """What a captive portal or an error page says with status 200."""

    def answer(handler: MoodyHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


def send_without_length(content: bytes) -> Answer:
    """Until the line is closed; nobody can tell whether it is all."""

    def answer(handler: MoodyHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)
        handler.wfile.flush()
        handler.close_connection = True

    return answer
