"""A ticket on its way through the departments over HTTP: each sees what is his, and is told of it."""

from collections.abc import Callable

import pytest

from people.domain.role import Role
from tests.api.test_session import code_of
from tests.api.world import CALLER, ONE_DATABASE, PASSWORD, Console, World

Open = Callable[[str], Console]
LAMPS = {"code": "lamps", "name": "路灯管理所", "level": "town", "duty_phone": "2345678"}


@pytest.fixture
def lamps(console: Open, world: World) -> str:
    """A department, with `lin` who handles for it."""
    world.ids["lin"] = world.services.people.add_person("lin", "Lin", Role.HANDLER, PASSWORD)
    admin = console("admin")
    department_id: str = admin.http.put("/departments", json=LAMPS).json()["id"]
    assert admin.post(f"/departments/{department_id}/members", {"person_id": world.ids["lin"]}).status_code == 204
    return department_id


@pytest.fixture
def ticket_id(console: Open, world: World) -> str:
    """Accepted by ann."""
    world.be_available("ann", "ben")
    ticket_id = world.open_ticket()
    offer_no = console("ann").get(f"/tickets/{ticket_id}")["ticket"]["offer_no"]
    console("ann").post(f"/tickets/{ticket_id}/accept", {"offer_no": offer_no})
    return ticket_id


def test_from_the_seat_to_the_department_and_its_answer(console: Open, lamps: str, ticket_id: str) -> None:
    ann, lin = console("ann"), console("lin")
    assert lin.http.get(f"/tickets/{ticket_id}").status_code == 404
    offered = {move["action"]: move["needs"] for move in ann.get(f"/tickets/{ticket_id}")["moves"]}
    assert (offered["dispatch"], offered["open_grabbing"]) == (["department"], ["department"])
    with lin.feed() as feed:
        sent = ann.post(f"/tickets/{ticket_id}/moves", {"action": "dispatch", "department_ids": [lamps]})
        assert sent.json()["ticket"]["holder"]["department_name"] == "路灯管理所"
        assert feed.next_event()["ticket_id"] == ticket_id
    (row,) = lin.get("/tickets", scope="department")["items"]
    assert (row["id"], row["status"], row["caller"]) == (ticket_id, "dispatched", CALLER)
    for action in ("sign", "arrive"):
        assert lin.post(f"/tickets/{ticket_id}/moves", {"action": action}).status_code == 200
    done = lin.post(f"/tickets/{ticket_id}/resolve", {"resolution": "已换灯泡"}).json()
    assert done["ticket"]["status"] in {"resolved", "revisit"}
    assert [entry["to_department"] for entry in done["timeline"] if entry["action"] == "dispatch"] == ["路灯管理所"]


def test_of_a_confidential_ticket_the_department_learns_the_matter_only(
    console: Open, lamps: str, ticket_id: str
) -> None:
    ann, lin = console("ann"), console("lin")
    ann.post(f"/tickets/{ticket_id}/moves", {"action": "keep_confidential", "text": "举报人要求"})
    ann.post(f"/tickets/{ticket_id}/moves", {"action": "dispatch", "department_ids": [lamps]})
    page = lin.get(f"/tickets/{ticket_id}")
    assert page["ticket"]["is_confidential"]
    assert (page["ticket"]["caller"], page["call"], page["recording"], page["message"]) == ("", None, None, None)
    assert lin.get("/tickets", scope="department")["items"][0]["caller"] == ""
    assert lin.http.get(f"/tickets/{ticket_id}/audio").status_code == 404
    assert CALLER not in lin.http.get(f"/tickets/{ticket_id}").text
    assert ann.get(f"/tickets/{ticket_id}")["ticket"]["caller"] == CALLER


def test_the_grab_board_is_for_those_who_may(console: Open, lamps: str, ticket_id: str) -> None:
    ann, lin = console("ann"), console("lin")
    ann.post(f"/tickets/{ticket_id}/moves", {"action": "open_grabbing", "department_ids": [lamps]})
    (row,) = lin.get("/tickets", scope="grab")["items"]
    assert row["grab_until"] is not None
    assert console("ben").get("/tickets", scope="grab")["items"] == []
    grabbed = lin.post(f"/tickets/{ticket_id}/moves", {"action": "grab"}).json()
    assert (grabbed["ticket"]["status"], grabbed["ticket"]["holder"]["department_id"]) == ("signed", lamps)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"action": "dispatch"}, 422, "ticket.need_missing"),
        ({"action": "dispatch", "department_ids": ["0" * 32]}, 404, "department.not_found"),
        ({"action": "sign"}, 409, "ticket.action_not_allowed"),
        ({"action": "close"}, 422, "request.invalid"),
        ({"action": "accept"}, 422, "request.invalid"),
        ({"action": "suspend", "cause": "laziness"}, 422, "request.invalid"),
        ({"action": "confirm", "text": "x", "seen_offer_no": 0}, 409, "ticket.moved_on"),
    ],
)
def test_a_move_that_cannot_be_is_refused_by_name(
    console: Open, ticket_id: str, body: dict[str, object], status: int, code: str
) -> None:
    answer = console("ann").post(f"/tickets/{ticket_id}/moves", body)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_who_comes_too_late_is_told_who_was_first(console: Open, world: World, lamps: str, ticket_id: str) -> None:
    seen = console("boss").get(f"/tickets/{ticket_id}")["ticket"]["offer_no"]
    console("ann").post(f"/tickets/{ticket_id}/moves", {"action": "dispatch", "department_ids": [lamps]})
    late = {"action": "dispatch", "department_ids": [lamps], "seen_offer_no": seen}
    answer = console("boss").post(f"/tickets/{ticket_id}/moves", late)
    assert answer.status_code == 409
    assert answer.json()["details"]["by_person_id"] == world.ids["ann"]
    assert answer.json()["details"]["last_action"] == "dispatch"


@ONE_DATABASE
def test_the_directory_is_read_by_all_and_written_by_administrators(console: Open, lamps: str) -> None:
    assert [entry["name"] for entry in console("ann").get("/departments")] == ["路灯管理所"]
    boss = console("boss")
    assert boss.http.put("/departments", json=LAMPS).status_code == 403
    assert boss.http.get(f"/departments/{lamps}/members").status_code == 403
    admin = console("admin")
    (member,) = admin.get(f"/departments/{lamps}/members")
    assert member["person"]["display_name"] == "Lin"
    above = {**LAMPS, "code": "roads", "name": "市政处", "level": "community", "parent_id": lamps}
    assert admin.http.put("/departments", json=above).status_code == 200
    below = {**LAMPS, "parent_id": "0" * 32}
    assert code_of(admin.http.put("/departments", json=below)) == "department.bad"
    gone = admin.http.delete(f"/departments/{lamps}/members/{member['person']['id']}")
    assert gone.status_code == 204
    assert admin.get(f"/departments/{lamps}/members") == []
