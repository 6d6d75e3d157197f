"""Every route of /api/v1 in one place, and the document that describes them."""

import functools
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.api import (
    call_events,
    callback_tasks,
    calls,
    departments,
    duty,
    feed_socket,
    health,
    originals,
    people,
    phone,
    recordings,
    reviewing,
    seat_calls,
    sessions,
    speech,
    tickets,
    voice_messages,
)
from app.api.problems import PROBLEM_JSON

API_PREFIX = "/api/v1"
_VERSION = "1"


def bare_app(**settings: Any) -> FastAPI:
    """The application with its routes only: enough to describe it, not enough to run it."""
    return FastAPI(
        docs_url=None,  # the viewer would come from another server
        redoc_url=None,
        openapi_url=f"{API_PREFIX}/openapi.json",
        redirect_slashes=False,
        routes=[*_routes()],
        **settings,
    )


@functools.cache
def _routes() -> tuple[BaseRoute, ...]:
    """Made once, which takes a while: a route learns from each request which application it serves."""
    api = APIRouter(prefix=API_PREFIX)
    for module in (
        sessions,
        tickets,
        reviewing,
        originals,
        recordings,
        calls,
        callback_tasks,
        duty,
        departments,
        seat_calls,
        people,
        phone,
        speech,
        voice_messages,
        call_events,
        health,
        feed_socket,
    ):
        api.include_router(module.router)
    maker = FastAPI(openapi_url=None, generate_unique_id_function=_operation_id)
    maker.include_router(api)
    return tuple(maker.routes)


def document_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; refusals are described as what they are sent as: problem+json."""
    document = get_openapi(title="Hotline", version=_VERSION, routes=app.routes)
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                _as_problem_json(response)
    return document


def _operation_id(route: APIRoute) -> str:
    return route.name


def _as_problem_json(response: dict[str, Any]) -> None:
    shown = response.get("content", {}).get("application/json", {})
    if shown.get("schema", {}).get("$ref", "").endswith("/Problem"):
        response["content"] = {PROBLEM_JSON: shown}
