"""HTTP and WebSocket surface: checks who asks and what is sent, calls one service or view, shapes the answer."""

from typing import Any


def openapi_document() -> dict[str, Any]:
    """The API's description, made without opening anything (no database, no Redis)."""
    from app.api.router import bare_app, document_of  # the routes pull in everything; asking for a name must not

    return document_of(bare_app())
