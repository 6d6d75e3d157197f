"""The API's description: as committed, with short stable names, every refusal of one shape."""

import json
from typing import Any

from app.api import openapi_document
from config.settings import ROOT


def operations() -> list[tuple[str, dict[str, Any]]]:
    paths: dict[str, dict[str, Any]] = openapi_document()["paths"]
    return [(f"{method} {path}", each) for path, item in paths.items() for method, each in item.items()]


def test_the_committed_description_is_the_present_one() -> None:
    committed = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert committed == openapi_document(), "run: hotline openapi > docs/openapi.json"


def test_operation_ids_are_short_and_unique() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(set(ids)) == len(ids)
    assert all(each.isidentifier() and len(each) < 30 for each in ids)


def test_every_refusal_is_a_problem() -> None:
    for name, operation in operations():
        if "/health" in name:
            continue
        refusals = {status: each for status, each in operation["responses"].items() if status[0] not in "23"}
        assert "default" in refusals, name
        for status, refusal in refusals.items():
            assert list(refusal["content"]) == ["application/problem+json"], (name, status)
