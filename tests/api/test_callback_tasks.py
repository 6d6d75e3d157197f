"""Callback tasks that people do."""

from collections.abc import Callable

from callbacks.domain.lifecycle import CallbackKind
from ivr.domain.call import CallOutcome
from tests.api.test_session import code_of
from tests.api.world import CALLER, Console, World

Open = Callable[[str], Console]


def missed_call_task(world: World) -> str:
    call_id = world.leave_call(outcome=CallOutcome.MISSED)
    return world.services.callbacks.schedule_person_call(CallbackKind.MISSED_CALL, call_id, CALLER)


def test_a_missed_call_belongs_to_the_person_on_duty(console: Open, world: World) -> None:
    world.be_available("ann", "ben")
    task_id = missed_call_task(world)
    ann = console("ann")
    [task] = ann.get("/callback-tasks")["items"]
    assert (task["id"], task["owner"]["display_name"], task["phone"]) == (task_id, "Ann", CALLER)
    assert task["allowed_actions"] == ["finish"]
    assert console("ben").get("/callback-tasks")["items"] == []


def test_its_owner_finishes_it(console: Open, world: World) -> None:
    world.be_available("ann")
    task_id = missed_call_task(world)
    done = console("ann").post(f"/callback-tasks/{task_id}/finish", {"note": "已回电"})
    assert (done.status_code, done.json()["status"], done.json()["note"]) == (200, "done", "已回电")
    again = console("ann").post(f"/callback-tasks/{task_id}/finish", {"note": "x"})
    assert (again.status_code, code_of(again)) == (409, "callback.action_not_allowed")


def test_somebody_elses_task_is_not_found(console: Open, world: World) -> None:
    world.be_available("ann")
    task_id = missed_call_task(world)
    ben = console("ben")
    answer = ben.post(f"/callback-tasks/{task_id}/finish", {"note": "x"})
    assert (answer.status_code, code_of(answer)) == (404, "callback.not_found")
    assert ben.post(f"/callback-tasks/{task_id}/assign", {"person_id": world.ids["ben"]}).status_code == 403
    assert code_of(ben.http.get("/callback-tasks", params={"scope": "queue"})) == "person.role_missing"


def test_a_supervisor_gives_it_out_of_the_queue(console: Open, world: World) -> None:
    task_id = missed_call_task(world)
    boss = console("boss")
    assert [task["id"] for task in boss.get("/callback-tasks", scope="queue")["items"]] == [task_id]
    given = boss.post(f"/callback-tasks/{task_id}/assign", {"person_id": world.ids["cid"]})
    assert given.json()["owner"]["display_name"] == "Cid"
    assert boss.get("/callback-tasks", scope="queue")["items"] == []
    assert [task["id"] for task in console("cid").get("/callback-tasks")["items"]] == [task_id]
    unknown = boss.post(f"/callback-tasks/{task_id}/assign", {"person_id": "0" * 32})
    assert (unknown.status_code, code_of(unknown)) == (404, "person.not_found")


def test_filters(console: Open, world: World) -> None:
    missed_call_task(world)
    boss = console("boss")
    assert len(boss.get("/callback-tasks", scope="all", kind="missed_call", status="with_person")["items"]) == 1
    assert boss.get("/callback-tasks", scope="all", kind="satisfaction")["items"] == []
    assert boss.get("/callback-tasks", scope="all", status="done")["items"] == []


def test_whoever_handled_the_ticket_stays_away_from_its_rating(console: Open, world: World) -> None:
    world.be_available("ann")
    ticket_id = world.open_ticket()
    ann, boss = console("ann"), console("boss")
    ann.post(f"/tickets/{ticket_id}/accept", {"offer_no": 1})
    ann.post(f"/tickets/{ticket_id}/resolve", {"resolution": "done"})
    [task] = boss.get("/callback-tasks", scope="all")["items"]
    assert (task["ticket_id"], task["kind"], task["status"]) == (ticket_id, "satisfaction", "pending")
    answer = boss.post(f"/callback-tasks/{task['id']}/assign", {"person_id": world.ids["ann"]})
    assert (answer.status_code, code_of(answer)) == (403, "rating.handler_excluded")
