"""A seat's console as a program: signs in over HTTP, listens on its socket, works its tickets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from app.api.session_cookie import SESSION_COOKIE
from kit.errors import Unavailable


class SeatSawNothing(Unavailable):
    code = "demo.seat_saw_nothing"


class Seat:
    """One signed-in person."""

    def __init__(self, http: httpx.AsyncClient, socket: ClientConnection) -> None:
        self._http = http
        self._socket = socket

    async def next_event(self, kind: str, timeout_s: float, *, ticket_id: str | None = None) -> dict[str, Any]:
        """The next event of this kind on the seat's own socket; raises SeatSawNothing after the time."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    event: dict[str, Any] = json.loads(await self._socket.recv())
                    if event.get("kind") == kind and ticket_id in (None, event.get("ticket_id")):
                        return event
        except TimeoutError:
            raise SeatSawNothing(f"no {kind} within {timeout_s:.0f} s") from None

    async def get(self, path: str) -> Any:
        return _checked(await self._http.get(path))

    async def download(self, path: str) -> bytes:
        return (await self._http.get(path)).raise_for_status().content

    async def put(self, path: str, body: dict[str, Any]) -> Any:
        return _checked(await self._http.put(path, json=body))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return _checked(await self._http.post(path, json=body))


@asynccontextmanager
async def signed_in_seat(url: str, login: str, password: str, *, available: bool = True) -> AsyncIterator[Seat]:
    """Sign in at the web process `url`, open the feed, and (for an agent) be available."""
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"Origin": url}, timeout=10) as http:
        session = _checked(await http.post("/session", json={"login": login, "password": password}))
        http.headers["X-CSRF-Token"] = session["csrf_token"]
        if available:
            _checked(await http.put("/presence", json={"state": "available"}))
        cookie = f"{SESSION_COOKIE}={http.cookies[SESSION_COOKIE]}"
        feed = url.replace("http://", "ws://") + "/api/v1/feed"
        async with connect(feed, additional_headers={"Cookie": cookie}, origin=url) as socket:  # type: ignore[arg-type]
            await socket.send(json.dumps({"type": "resume", "cursor": None}))
            await socket.recv()  # hello
            yield Seat(http, socket)


def _checked(response: httpx.Response) -> Any:
    response.raise_for_status()
    return response.json() if response.content else None
