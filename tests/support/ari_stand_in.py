"""A server that speaks ARI well enough for our line, and badly where a test says so: late, out of order, 5xx, cut."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.contracts.eventually import eventually

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 204
    body: object = None
    events_first: tuple[Json, ...] = ()
    """Sent before the reply."""
    after: asyncio.Event | None = None
    """The reply waits for this."""


Rule = Callable[[Asked], Answer | None]


class AriStandIn:
    """`rules` are asked in order, the first answer counts; without one everything goes well."""

    def __init__(self) -> None:
        self.port = 0
        self.media_port = 0
        self.asked: list[Asked] = []
        self.rules: list[Rule] = []
        self.channels: list[Json] = []
        self.bridges: list[Json] = []
        self.connections = 0
        self.refuses_login = False
        self.has_application = True
        self.media: list[ClientConnection] = []
        self._line: ServerConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- what a test does ---

    async def tell(self, *events: Json | str) -> None:
        assert self._line is not None
        for event in events:
            await self._line.send(event if isinstance(event, str) else json.dumps(event))

    async def cut(self) -> None:
        """The socket goes without a word."""
        assert self._line is not None
        self._line.transport.abort()
        await self._line.wait_closed()

    async def ring(self, channel_id: str, *, caller: str = "13900000001", line: str = "12345") -> None:
        channel = channel_of(channel_id, caller=caller, line=line)
        self.channels.append(channel)
        await self.tell({"type": "StasisStart", "args": [line], "channel": channel})

    async def until_asked(self, words: str, times: int = 1) -> Asked:
        """The request with this beginning, the n-th of its kind."""
        await eventually(lambda: len(self._asked_like(words)) >= times)
        return self._asked_like(words)[times - 1]

    def has_asked(self, words: str) -> bool:
        return bool(self._asked_like(words))

    def fail(self, words: str, status: int, *, times: int = 99) -> None:
        """Answer requests that begin so with an error."""
        left = [times]

        def rule(asked: Asked) -> Answer | None:
            if left[0] and asked.words.startswith(words):
                left[0] -= 1
                return Answer(status)
            return None

        self.rules.append(rule)

    # --- the server ---

    def _asked_like(self, words: str) -> list[Asked]:
        return [each for each in self.asked if each.words.startswith(words)]

    def http(self, socket: ServerConnection, request: Request) -> Response | None:
        """Plain HTTP: only whether the application exists."""
        if "upgrade" not in request.headers:
            return socket.respond(HTTPStatus.OK if self.has_application else HTTPStatus.NOT_FOUND, "{}")
        return socket.respond(HTTPStatus.UNAUTHORIZED, "") if self.refuses_login else None

    async def serve_line(self, socket: ServerConnection) -> None:
        self._line = socket
        self.connections += 1
        async for message in socket:
            words = json.loads(message)
            split = urlsplit(words["uri"])
            asked = Asked(words["method"], split.path, dict(parse_qsl(split.query)))
            self.asked.append(asked)
            task = asyncio.create_task(self._reply(socket, asked, words["request_id"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reply(self, socket: ServerConnection, asked: Asked, request_id: str) -> None:
        answer = next((found for rule in self.rules if (found := rule(asked)) is not None), None)
        answer = answer or self._well(asked)
        if asked.path == "channels/externalMedia" and answer.status < 300:
            await self._connect_media(asked)
        for event in answer.events_first:
            await socket.send(json.dumps(event))
        if answer.after is not None:
            await answer.after.wait()
        body = {"message_body": json.dumps(answer.body)} if answer.body is not None else {}
        words = {"type": "RESTResponse", "request_id": request_id, "status_code": answer.status, "reason_phrase": ""}
        await socket.send(json.dumps(words | body))

    def _well(self, asked: Asked) -> Answer:
        match asked.words.split("/"):
            case ["GET channels"]:
                return Answer(200, self.channels)
            case ["GET bridges"]:
                return Answer(200, self.bridges)
            case ["POST channels", "externalMedia"]:
                channel = channel_of(asked.query["channelId"])
                self.channels.append(channel)
                return Answer(200, {}, ({"type": "StasisStart", "args": [], "channel": channel},))
            case ["DELETE channels", channel_id]:
                self.channels = [each for each in self.channels if each["id"] != channel_id]
        return Answer()

    async def _connect_media(self, asked: Asked) -> None:
        """As Asterisk does: dial the media server with what `v(…)` says."""
        query = asked.query["transport_data"].removeprefix("v(").removesuffix(")")
        address = f"ws://127.0.0.1:{self.media_port}/media?{query}"
        self.media.append(await connect(address, subprotocols=[Subprotocol("media")], compression=None, proxy=None))


def channel_of(channel_id: str, *, caller: str = "", line: str = "s", app: str = "hotline,12345") -> Json:
    return {
        "id": channel_id,
        "state": "Ring",
        "caller": {"name": "", "number": caller},
        "dialplan": {"exten": line, "app_name": "Stasis", "app_data": app},
    }


@asynccontextmanager
async def ari_stand_in() -> AsyncIterator[AriStandIn]:
    stand_in = AriStandIn()
    async with serve(stand_in.serve_line, "127.0.0.1", 0, process_request=stand_in.http, compression=None) as server:
        stand_in.port = int(next(iter(server.sockets)).getsockname()[1])
        yield stand_in
        for media in stand_in.media:
            await media.close()
