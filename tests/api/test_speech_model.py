"""The page about the speech model: supervisors see what is in use, administrators switch it."""

from collections.abc import Callable
from pathlib import Path

from app.model_choice import ModelChoice
from app.model_install import write_receipt
from asr.domain.catalogue.speech_model import InstalledModel, ModelIdentity
from kit.clock import FixedClock
from tests.api.test_session import code_of
from tests.api.world import ONE_DATABASE, Console, World
from tests.support.model_archives import write_model

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


def put_model(world: World, clock: FixedClock, model: str) -> Path:
    """Installed, as `hotline models install` leaves it."""
    folder = write_model(world.services.settings.data_dir.resolve() / "models" / model)
    name, _, version = model.rpartition("-")
    identity = ModelIdentity(name, version, "Apache-2.0")
    write_receipt(folder, InstalledModel(model, identity, 8000, 1000, "test", "", clock.now(), ()))
    return folder


def test_supervisors_see_the_model_in_use_and_nothing_to_switch(console: Open) -> None:
    page = console("boss").get("/speech/model")
    assert (page["in_use"]["id"], page["in_use"]["name"], page["in_use"]["sample_rate"]) == ("mini-cn", "mini-cn", 8000)
    assert page["chosen_at"] is None
    assert page["processes"] is None, "Redis is away: nobody knows"
    assert (page["installed"], page["previous_id"], page["rolled_back"]) == (None, None, None)


def test_agents_do_not_see_it_and_supervisors_do_not_switch_it(console: Open) -> None:
    ann, boss = console("ann"), console("boss")
    assert ann.http.get("/speech/model").status_code == 403
    refused = boss.http.put("/speech/model", json={"id": "mini-cn"})
    assert (refused.status_code, code_of(refused)) == (403, "person.role_missing")


def test_an_administrator_switches_to_an_installed_model_and_back(
    console: Open, world: World, clock: FixedClock
) -> None:
    put_model(world, clock, "other-2.0")
    admin = console("admin")
    assert [row["id"] for row in admin.get("/speech/model")["installed"]] == ["mini-cn", "other-2.0"]
    page = admin.http.put("/speech/model", json={"id": "other-2.0"}).json()
    assert (page["in_use"]["id"], page["in_use"]["version"], page["previous_id"]) == ("other-2.0", "2.0", "mini-cn")
    assert page["chosen_at"]
    back = admin.http.put("/speech/model", json={"id": "default"}).json()
    assert (back["in_use"]["id"], back["previous_id"]) == ("mini-cn", "other-2.0")


def test_a_broken_model_is_refused_and_nothing_changes(console: Open, world: World, clock: FixedClock) -> None:
    (put_model(world, clock, "broken-1.0") / "graph" / "words.txt").unlink()
    admin = console("admin")
    refused = admin.http.put("/speech/model", json={"id": "broken-1.0"})
    assert (refused.status_code, code_of(refused)) == (422, "model.does_not_load")
    assert admin.get("/speech/model")["in_use"]["id"] == "mini-cn"


def test_a_model_that_is_not_there_or_cannot_be_is_refused(console: Open) -> None:
    admin = console("admin")
    absent = admin.http.put("/speech/model", json={"id": "vosk-model-cn-0.22"})
    assert (absent.status_code, code_of(absent)) == (404, "model.not_installed")
    assert admin.http.put("/speech/model", json={"id": "../etc"}).status_code == 422
    assert admin.http.put("/speech/model", json={}).status_code == 422


def test_administrators_see_that_a_switch_was_taken_back(console: Open, world: World, clock: FixedClock) -> None:
    choice = ModelChoice(world.services.settings, clock)
    choice.use("other-2.0")
    choice.roll_back(choice.folder(), "not enough memory")
    undone = console("admin").get("/speech/model")["rolled_back"]
    assert (undone["id"], undone["reason"]) == ("other-2.0", "not enough memory")
    assert console("boss").get("/speech/model")["rolled_back"] is None
