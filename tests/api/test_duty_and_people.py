"""The duty board, the roster, and accounts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kit.clock import FixedClock
from tests.api.test_session import code_of
from tests.api.world import PASSWORD, Console, World

Open = Callable[[str], Console]


def test_everybody_sees_who_is_a_and_b_but_gaps_only_supervisors(console: Open, world: World) -> None:
    world.be_available("ann")
    world.open_ticket()
    board = console("cid").get("/duty")
    [seat] = board["desks"][0]["seats"]
    assert (seat["a"]["display_name"], seat["a"]["state"], seat["a"]["open_tickets"]) == ("Ann", "available", 1)
    assert (seat["b"]["display_name"], seat["b"]["state"]) == ("Ben", "offline")
    assert board["uncovered"] is None
    assert console("boss").get("/duty")["uncovered"] == []


def test_a_minute_nobody_covers_is_shown_before_it_comes(console: Open, world: World, clock: FixedClock) -> None:
    boss = console("boss")
    desk_id = boss.post("/desks", {"name": "Review"}).json()["id"]
    seat_id = boss.post("/seats", {"desk_id": desk_id, "name": "Review 1"}).json()["id"]
    end = clock.now() + timedelta(hours=20)
    shift = {"seat_id": seat_id, "a_person_id": world.ids["cid"], "b_person_id": world.ids["boss"]}
    shift |= {"starts_at": clock.now().isoformat(), "ends_at": end.isoformat()}
    assert boss.post("/shifts", shift).status_code == 201
    [gap] = boss.get("/duty")["uncovered"]
    assert (gap["desk_name"], gap["from_at"]) == ("Review", end.isoformat().replace("+00:00", "Z"))
    assert [row["seat_name"] for row in boss.get("/shifts")] == ["Seat 1", "Review 1"]
    again = boss.post("/shifts", shift)
    assert (again.status_code, code_of(again)) == (422, "duty.bad_shift")
    assert {desk["name"] for desk in boss.get("/desks")} == {"Intake", "Review"}
    assert {seat["name"] for seat in boss.get("/seats")} == {"Seat 1", "Review 1"}


def test_a_wrong_shift_can_be_ended(console: Open, world: World, clock: FixedClock) -> None:
    boss = console("boss")
    [shift] = boss.get("/shifts")
    end = (clock.now() + timedelta(hours=1)).isoformat()
    assert boss.post(f"/shifts/{shift['id']}/end", {"ends_at": end}).status_code == 204
    assert boss.get("/duty")["uncovered"][0]["from_at"] == end.replace("+00:00", "Z")
    before_its_start = (clock.now() - timedelta(days=9)).isoformat()
    refused = boss.post(f"/shifts/{shift['id']}/end", {"ends_at": before_its_start})
    assert (refused.status_code, code_of(refused)) == (422, "duty.bad_shift")
    assert boss.post("/shifts/nobody/end", {"ends_at": end}).status_code == 404
    assert console("ann").post(f"/shifts/{shift['id']}/end", {"ends_at": end}).status_code == 403


def test_the_roster_is_not_for_agents(console: Open) -> None:
    ann = console("ann")
    assert [ann.http.get(path).status_code for path in ("/desks", "/seats", "/shifts", "/people")] == [403] * 4
    assert ann.post("/desks", {"name": "Mine"}).status_code == 403


def test_names_are_taken_once(console: Open) -> None:
    answer = console("boss").post("/desks", {"name": "Intake"})
    assert (answer.status_code, code_of(answer)) == (409, "duty.name_taken")


@pytest.mark.parametrize("state", ["available", "away", "offline"])
def test_presence_is_what_the_person_says(console: Open, state: str) -> None:
    ann = console("ann")
    assert ann.http.put("/presence", json={"state": state}).json()["state"] == state
    assert ann.get("/session")["presence"]["state"] == state


def test_administrators_make_accounts_and_supervisors_only_read_them(console: Open, world: World) -> None:
    new = {"login": "dan", "display_name": "Dan", "role": "agent", "password": PASSWORD}
    refused = console("boss").post("/people", new)
    assert (refused.status_code, code_of(refused)) == (403, "person.role_missing")
    admin = console("admin")
    person_id = admin.post("/people", new).json()["id"]
    assert console("").sign_in("dan").json()["person"]["id"] == person_id
    assert (again := admin.post("/people", new)).status_code == 409
    assert code_of(again) == "person.login_taken"
    assert {person["login"] for person in console("boss").get("/people")} == {*world.ids, "dan"}


def test_a_new_password_ends_the_sessions_that_used_the_old_one(console: Open, world: World) -> None:
    ann, admin = console("ann"), console("admin")
    assert admin.post(f"/people/{world.ids['ann']}/password", {"password": "another-long-one"}).status_code == 204
    assert ann.http.get("/session").status_code == 401
    assert ann.sign_in("ann", "another-long-one").status_code == 200
    weak = admin.post(f"/people/{world.ids['ann']}/password", {"password": "short"})
    assert (weak.status_code, code_of(weak)) == (422, "person.weak_password")
    assert admin.post(f"/people/{'0' * 32}/password", {"password": PASSWORD}).status_code == 404


def test_the_last_administrator_stays(console: Open, world: World) -> None:
    answer = console("admin").post(f"/people/{world.ids['admin']}/deactivate")
    assert (answer.status_code, code_of(answer)) == (409, "person.last_admin")
