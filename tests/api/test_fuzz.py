"""Requests nobody would write by hand: none breaks the server, nor what the API says of its answers."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.api import openapi_document
from app.api.session_cookie import SESSION_COOKIE
from tests.api.world import ONE_DATABASE, Console, World

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE

_ENDS_THE_SESSION = {"sign_out", "deactivate_person", "set_password"}
"""They would make the rest of the run a test of 401; their own tests are elsewhere."""

_BOUNDED = settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(openapi_document())
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_breaks_the_server(console: Open, world: World, mode: GenerationMode) -> None:
    admin = console("admin")
    token = world.services.intake_clients.add("mini-page", "12345").token
    headers = {
        "Origin": admin.url,
        "X-CSRF-Token": admin.http.headers["X-CSRF-Token"],
        "Authorization": f"Bearer {token}",
    }
    cookies = {SESSION_COOKIE: admin.http.cookies[SESSION_COOKIE]}
    answered = set()
    for operation in operations():
        if operation.definition.raw["operationId"] in _ENDS_THE_SESSION:
            continue

        @_BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            answer = case.call(base_url=admin.url, headers=headers, cookies=cookies)
            answered.add(answer.status_code)
            assert answer.status_code != 401 or "login.wrong" in answer.text
            case.validate_response(answer, excluded_checks=[positive_data_acceptance])  # rules may still say no

        with suppress(Unsatisfiable):  # an operation that takes nothing cannot be asked wrongly
            ask()
    assert {404, 422} & answered
