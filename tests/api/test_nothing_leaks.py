"""No answer, no feed message and no line of the log says a number that was said, to whom has not opened it."""

import re
from collections.abc import Callable

import pytest
import structlog

from app.api import openapi_document
from tests.api.said import SECRETS, said_ticket, say
from tests.api.world import ONE_DATABASE, Console, World

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


def readings(ids: dict[str, str]) -> list[str]:
    """Every GET of the API, with the ids of what is in this world."""
    paths: dict[str, dict[str, object]] = openapi_document()["paths"]
    found = []
    for path, operations in paths.items():
        if "get" in operations:
            names = re.findall(r"{(\w+)}", path)
            assert set(names) <= set(ids), f"{path}: give this walk an id for it"
            found.append(path.format(**ids).removeprefix("/api/v1"))
    return found


@pytest.mark.parametrize("login", ["ann", "cid", "admin"])
def test_no_reading_of_anybody_without_access_says_it(console: Open, world: World, login: str) -> None:
    person = console(login)
    with structlog.testing.capture_logs() as lines, person.feed() as feed:
        ticket_id, left = said_ticket(world)
        unticketed = say(world)
        heard, seen = [], 0
        for message, ticket in ((left, ticket_id), (unticketed, ticket_id)):
            ids = {
                "ticket_id": ticket,
                "recording_id": message.recording_id,
                "call_id": message.call_id,
                "message_id": message.message_id,
                "task_id": "0" * 32,
                "person_id": world.ids[login],
                "department_id": "0" * 32,
            }
            for path in readings(ids):
                answer = person.http.get(path, params={"scope": "all"} if path == "/tickets" else {})
                seen += answer.status_code == 200
                text = answer.content.decode("utf-8", errors="replace")
                heard += [(path, secret) for secret in SECRETS if secret in text]
        if login != "cid":
            told = feed.next_event()
            assert not [secret for secret in SECRETS if secret in str(told)]
    assert seen > 3
    assert heard == []
    assert not [secret for secret in SECRETS if secret in str(lines)]


def test_the_walk_would_see_a_leak(console: Open, world: World) -> None:
    ticket_id, _ = said_ticket(world)
    ann = console("ann")
    ann.post(f"/tickets/{ticket_id}/original-access", {"reason": "handling"})
    text = ann.http.get(f"/tickets/{ticket_id}/original").text
    assert all(secret in text for secret in SECRETS)


def test_every_answer_to_an_action_is_masked_even_with_access(console: Open, world: World) -> None:
    ticket_id, _ = said_ticket(world)
    ann = console("ann")
    with structlog.testing.capture_logs() as lines:
        for path, body in (
            ("original-access", {"reason": "handling"}),
            ("note", {"text": "n"}),
            ("slots/place", {}),
            ("slots/phone_number", {}),
            ("resolve", {"resolution": "r"}),
        ):
            answer = ann.post(f"/tickets/{ticket_id}/{path}", body)
            assert answer.status_code == 200, answer.text
            assert not [secret for secret in SECRETS if secret in answer.text], path
        ann.get(f"/tickets/{ticket_id}/original")
    assert not [secret for secret in SECRETS if secret in str(lines)]
