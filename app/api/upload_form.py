"""Reads the request of an uploaded voice message: a form with a sound, or JSON that says where the sound lies.

Size is limited by the middleware; here are limits of time and of how many come in at once, and the digest of the
body that a signature is checked against.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from app.api.schemas import VoiceMessageByReference, VoiceMessageFields
from intake.domain.errors import UploadEmpty
from kit.errors import Unavailable

SOUND = "audio"
"""Name of the form's file."""

Body = TypeVar("Body", bound=BaseModel)

_AT_ONCE = 8
_READ_WITHIN_S = 120.0
_FIELD_MAX_BYTES = 4096


class UploadsBusy(Unavailable):
    """So many come in at this moment that another one has to wait."""

    code = "intake.busy"


@dataclass(frozen=True, slots=True)
class ReadUpload:
    """`sound` or `url` is there, never both; `body_sha256` is of the raw body."""

    fields: VoiceMessageFields
    sound: UploadFile | None
    url: str | None
    body_sha256: str


class UploadGate:
    """Uploads of one web process: no more than a few at once, and none that never ends."""

    def __init__(self, *, at_once: int = _AT_ONCE, within_s: float = _READ_WITHIN_S) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._within_s = within_s

    @asynccontextmanager
    async def reading(self, request: Request) -> AsyncIterator[ReadUpload]:
        """Raises UploadsBusy, UploadEmpty, RequestValidationError, or HTTPException 400, 408, 413, 415."""
        if self._room.locked():
            raise UploadsBusy(retry_after_s=2)
        async with self._room:
            digest = _Digest(request.receive)
            hashed = Request(request.scope, digest.receive)
            try:
                async with asyncio.timeout(self._within_s):
                    read = await _read(hashed)
            except TimeoutError:
                raise HTTPException(408, "the body did not come in time") from None
            except ClientDisconnect:
                raise HTTPException(400, "the body broke off") from None  # nobody is left to hear it
            try:
                yield ReadUpload(read.fields, read.sound, read.url, digest.hex())
            finally:
                await hashed.close()


class _Digest:
    """SHA-256 of a body as it comes in."""

    def __init__(self, receive: Callable[[], Awaitable[Message]]) -> None:
        self._receive = receive
        self._sum = hashlib.sha256()

    async def receive(self) -> Message:
        message = await self._receive()
        self._sum.update(message.get("body", b""))
        return message

    def hex(self) -> str:
        return self._sum.hexdigest()


@dataclass(frozen=True, slots=True)
class _Read:
    fields: VoiceMessageFields
    sound: UploadFile | None = None
    url: str | None = None


async def _read(request: Request) -> _Read:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _referring(await request.body())
    if kind == "multipart/form-data":
        return await _sending(request)
    raise HTTPException(415, "multipart/form-data with the sound, or application/json with its address")


def _referring(body: bytes) -> _Read:
    try:
        content = json.loads(body)
    except ValueError:
        raise HTTPException(400, "the body is not JSON") from None
    checked = _checked(VoiceMessageByReference, content)
    return _Read(checked, url=checked.audio_url)


async def _sending(request: Request) -> _Read:
    form = await request.form(max_files=1, max_fields=8, max_part_size=_FIELD_MAX_BYTES)
    sound = form.get(SOUND)
    fields = _checked(VoiceMessageFields, {name: value for name, value in form.items() if name != SOUND})
    if not isinstance(sound, UploadFile) or not sound.size:
        raise UploadEmpty(f"the form has no file `{SOUND}`, or an empty one")
    return _Read(fields, sound=sound)


def _checked(kind: type[Body], content: Any) -> Body:
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from None


_FIELDS = VoiceMessageFields.model_json_schema()
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {**_FIELDS["properties"], SOUND: {"type": "string", "format": "binary"}},
                    "required": [*_FIELDS["required"], SOUND],
                }
            },
            "application/json": {"schema": VoiceMessageByReference.model_json_schema()},
        },
    }
}
"""OpenAPI description of what is read here by hand, because a signature needs the raw body."""
