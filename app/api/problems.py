"""How the API says no: one JSON shape (RFC 9457) with a stable code for every refusal."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

PROBLEM_JSON = "application/problem+json"


class ProblemField(BaseModel):
    """One wrong field of a request, by its path (`body.login`)."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details; `code` is stable, the texts are for people who read logs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    details: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
    fields: list[ProblemField] = Field(default_factory=list)


class ProblemResponse(JSONResponse):
    media_type = PROBLEM_JSON


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    details: dict[str, str | int | float | bool | None] | None = None,
    fields: list[ProblemField] | None = None,
    headers: dict[str, str] | None = None,
) -> ProblemResponse:
    body = Problem(
        type=f"urn:hotline:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        details=details or {},
        fields=fields or [],
    )
    return ProblemResponse(body.model_dump(mode="json"), status_code=status, headers=headers)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` of a route: these refusals by status, and the shape of every other one."""
    known: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": "Refused"} for status in statuses
    }
    return known | {"default": {"model": Problem, "description": "Any other refusal"}}
