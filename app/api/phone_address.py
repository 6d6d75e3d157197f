"""Where a browser finds the browser line, and what its page's content policy must say of it."""

import re
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from config.settings import Settings

_PATH = "/phone"
_HOST = re.compile(r"[0-9A-Za-z.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


def phone_address(connection: HTTPConnection, settings: Settings) -> str:
    """As set; else beside this page. Behind https the proxy that brings it here must bring `/phone` to the line."""
    if settings.browser_url:
        return settings.browser_url
    return f"{_server_of(connection, settings)}{_PATH}"


def phone_source(connection: HTTPConnection, settings: Settings) -> str:
    """The same as a source of `connect-src`."""
    if settings.browser_url:
        parts = urlsplit(settings.browser_url)
        return f"{parts.scheme}://{parts.netloc}"
    return _server_of(connection, settings)


def _server_of(connection: HTTPConnection, settings: Settings) -> str:
    named = connection.headers.get("host", "")
    if connection.scope["scheme"] in ("https", "wss"):
        host, _, port = named.rpartition(":") if re.search(r":\d{1,5}$", named) else (named, "", "")
        return f"wss://{_plain(host)}:{port}" if port else f"wss://{_plain(host)}"
    host = re.sub(r":\d{1,5}$", "", named)
    return f"ws://{_plain(host)}:{settings.browser_port}"


def _plain(host: str) -> str:
    """The name asked for stands in our headers: it must be a name."""
    return host if _HOST.fullmatch(host) else "localhost"
