"""The entrance for what other telephone systems say of their calls: one event, or up to a hundred, as JSON.

Kept durably when this answers; what follows from it (call log, callback task, recording, ticket) is `app/flow.py`'s.
"""

import asyncio
import hashlib
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.access import ServicesDep
from app.api.client_knock import KnockDep
from app.api.problems import refusals
from app.api.schemas import CallEventBody, CallEventsReceipt
from intake.domain.call_event import CallEvent

router = APIRouter(prefix="/call-events", tags=["call events"])

_MOST = 100
_READ_WITHIN_S = 20.0
_EVENTS: TypeAdapter[list[CallEventBody]] = TypeAdapter(list[CallEventBody])


def _inlined(schema: Any, named: dict[str, Any]) -> Any:
    """A schema without references: those of Pydantic lead nowhere in our document."""
    if isinstance(schema, list):
        return [_inlined(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return named[schema["$ref"].rpartition("/")[2]]
    return {name: _inlined(each, named) for name, each in schema.items() if name != "$defs"}


_SCHEMA = CallEventBody.model_json_schema()
_ONE = _inlined(_SCHEMA, _SCHEMA["$defs"])
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_ONE, {"type": "array", "minItems": 1, "maxItems": _MOST, "items": _ONE}]}
            }
        },
    }
}
"""OpenAPI description of what is read here by hand, because a signature needs the raw body."""


@router.post("", status_code=202, openapi_extra=_BODY, responses=refusals(400, 401, 408, 409, 413, 415, 422, 429, 503))
async def tell_call_events(request: Request, knock: KnockDep, services: ServicesDep) -> CallEventsReceipt:
    """All of them are kept when this answers 202, none otherwise. The same events may come again at any time."""
    body = await _read(request)
    knock.check(hashlib.sha256(body).hexdigest())
    events = [_event(each) for each in _checked(body)]
    kept = await run_in_threadpool(services.call_events.keep, knock.client, events)
    return CallEventsReceipt(new=list(kept.new), repeated=list(kept.repeated))


async def _read(request: Request) -> bytes:
    """How large it may be is the middleware's affair."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "events come as application/json")
    try:
        async with asyncio.timeout(_READ_WITHIN_S):
            return await request.body()
    except TimeoutError:
        raise HTTPException(408, "the body did not come in time") from None
    except ClientDisconnect:
        raise HTTPException(400, "the body broke off") from None  # nobody is left to hear it


def _checked(body: bytes) -> list[CallEventBody]:
    try:
        content = from_json(body)
    except ValueError:
        raise HTTPException(400, "the body is not JSON") from None
    events = content if isinstance(content, list) else [content]
    if not 1 <= len(events) <= _MOST:
        raise _wrong({"type": "too_long", "loc": ("body",), "msg": f"between 1 and {_MOST} events"})
    try:
        return _EVENTS.validate_python(events)
    except ValidationError as error:
        raise _wrong(*({**item, "loc": ("body", *item["loc"])} for item in error.errors())) from None


def _wrong(*items: dict[str, Any]) -> RequestValidationError:
    return RequestValidationError(list(items))


def _event(body: CallEventBody) -> CallEvent:
    return CallEvent(
        external_id=body.id,
        kind=body.kind,
        at=body.at,
        call_ref=body.call_id,
        way=body.direction,
        caller=body.caller,
        line=body.line,
        agent=body.agent,
        target=body.transferred_to,
        state=body.state,
        cause=body.cause,
        recording_url=body.recording_url,
        recording_of=body.recording_of,
        opens_ticket=body.opens_ticket,
    )
