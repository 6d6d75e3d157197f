"""The listener follows a switch of the speech model, and stays with the old one when the new one does not load."""

import os
import shutil
from pathlib import Path

import pytest

from app.bench.scratch_redis import scratch_redis
from app.listener.models import ModelsInUse
from app.model_choice import DEFAULT, EMBEDDED, ModelChoice
from app.model_reports import model_reports
from asr.domain.errors import ModelMissing
from config.settings import Settings
from kit.clock import SystemClock
from tests.support.ports import free_port

NEWER = "vosk-model-newer-cn-0.22"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path / "var"})


def test_another_model_is_taken_up_once_and_hears(settings: Settings) -> None:
    choice, models = ModelChoice(settings), ModelsInUse(settings)
    first = models.load()
    assert models.follow() is None
    shutil.copytree(EMBEDDED, choice.models_dir / NEWER)
    choice.use(NEWER)
    newer = models.follow()
    assert newer is not None
    assert newer is not first
    assert newer.open(8000, ["留言"]).unknown_phrases == []
    assert models.follow() is None


def test_a_model_that_does_not_load_is_rolled_back(settings: Settings) -> None:
    choice, models = ModelChoice(settings), ModelsInUse(settings)
    first = models.load()
    shutil.copytree(EMBEDDED, choice.models_dir / NEWER)
    (choice.models_dir / NEWER / "graph" / "Gr.fst").write_bytes(b"nothing of use")
    choice.use(NEWER)
    assert models.follow() is None
    assert choice.current().model == DEFAULT
    assert models.load() is first


def test_without_any_model_the_listener_does_not_start_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no-model"):
        ModelsInUse(Settings.model_validate({"data_dir": tmp_path, "VOSK_MODEL": tmp_path / "no-model"})).load()


def test_it_says_which_model_it_hears_with_until_it_ends(tmp_path: Path) -> None:
    with scratch_redis(tmp_path) as redis:
        models = ModelsInUse(Settings.model_validate({"data_dir": tmp_path / "var", "REDIS_URL": redis.url}))
        models.load()
        models.follow()
        (report,) = model_reports(redis.url, SystemClock().now()) or []
        assert (report.process, report.pid, report.model) == ("listener", os.getpid(), EMBEDDED.name)
        models.say_goodbye()
        assert model_reports(redis.url, SystemClock().now()) == []


def test_that_nobody_can_be_told_is_no_reason_not_to_listen(tmp_path: Path) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    models = ModelsInUse(Settings.model_validate({"data_dir": tmp_path / "var", "REDIS_URL": nobody}))
    models.load()
    assert models.follow() is None
    models.say_goodbye()
