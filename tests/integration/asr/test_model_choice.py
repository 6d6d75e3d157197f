"""Which model is in use, how a process follows a switch, and how a switch is taken back."""

from pathlib import Path

import pytest

from app.model_choice import DEFAULT, EMBEDDED, ModelChoice
from app.model_follower import ModelFollower
from asr.adapters.model_files import model_identity
from asr.domain.catalogue.model_errors import ChoiceUnreadable, ModelUnloadable
from asr.domain.errors import ModelMissing
from asr.domain.transcript import Recognised
from asr.ports import Recogniser
from config.settings import Settings


class NamedRecogniser:
    """Stands for a loaded folder."""

    sample_rate = 8000

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        raise NotImplementedError


class Hall:
    """A data folder with a choice, and a process that follows it; models in `broken` do not load."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder)
        self.choice = ModelChoice(self.settings)
        self.broken: set[str] = set()
        self.tried: list[str] = []

    def follower(self) -> ModelFollower:
        return ModelFollower(self.choice, load=self._load, probe=self._probe, identity_of=model_identity)

    def _load(self, folder: Path) -> Recogniser:
        if folder.name in self.broken:
            raise ModelMissing(f"{folder.name} cannot be loaded")
        return NamedRecogniser(folder)

    def _probe(self, folder: Path) -> None:
        self.tried.append(folder.name)
        if f"probe:{folder.name}" in self.broken:
            raise ModelUnloadable(f"{folder.name} killed its loader")


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path)


def test_without_a_choice_the_settings_name_the_model(hall: Hall) -> None:
    assert hall.choice.folder() == EMBEDDED == hall.settings.vosk_model
    assert not hall.choice.models_dir.exists(), "looking changes nothing"


def test_a_choice_wins_over_the_settings_and_outlives_the_process(hall: Hall) -> None:
    hall.choice.use("b-2")
    again = ModelChoice(hall.settings)
    assert again.folder() == hall.choice.models_dir / "b-2"
    assert again.current().previous == DEFAULT
    assert again.folder() != EMBEDDED


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model": 3}', '{"model": "../x", "chosen_at": "2026-01-01", "previous": null, "rolled_back": null}'])  # fmt: skip # noqa: E501
def test_a_damaged_choice_is_named_and_counts_as_none(hall: Hall, text: str) -> None:
    hall.choice.use("b-2")
    (hall.choice.models_dir / "in-use").write_text(text)
    with pytest.raises(ChoiceUnreadable):
        hall.choice.current()
    assert hall.choice.folder() == EMBEDDED
    hall.choice.use("b-2")
    assert hall.choice.current().model == "b-2"


def test_a_process_takes_up_another_choice_when_it_looks(hall: Hall) -> None:
    follower = hall.follower()
    assert follower.loaded().folder == EMBEDDED
    assert not follower.has_changed()
    hall.choice.use("b-2")
    assert follower.has_changed()
    assert follower.follow()
    assert (follower.loaded().identity.name, follower.loaded().identity.version) == ("b", "2")
    assert not follower.has_changed()
    assert not follower.follow()


@pytest.mark.parametrize("broken", ["b-2", "probe:b-2"])
def test_a_model_that_does_not_load_is_taken_back_and_the_old_one_goes_on(hall: Hall, broken: str) -> None:
    follower = hall.follower()
    before = follower.recogniser()
    hall.broken.add(broken)
    hall.choice.use("b-2")
    assert not follower.follow()
    assert follower.recogniser() is before
    now = hall.choice.current()
    assert now.model == DEFAULT
    assert now.rolled_back is not None
    assert (now.rolled_back.model, "b-2" in now.rolled_back.reason) == ("b-2", True)
    assert not follower.has_changed()


def test_a_model_that_was_repaired_can_be_chosen_again(hall: Hall) -> None:
    follower = hall.follower()
    follower.loaded()
    hall.broken.add("b-2")
    hall.choice.use("b-2")
    assert not follower.follow()
    hall.broken.clear()
    hall.choice.use("b-2")
    assert follower.follow()
    assert hall.choice.current().rolled_back is None


def test_a_restart_does_not_fall_over_a_broken_choice(hall: Hall) -> None:
    hall.choice.use("a-1")
    hall.choice.use("b-2")
    hall.broken |= {"b-2", "probe:a-1"}
    assert hall.follower().loaded().folder == EMBEDDED
    assert hall.choice.current().model == DEFAULT


def test_without_any_model_the_start_fails_by_name(hall: Hall) -> None:
    hall.choice.use("b-2")
    hall.broken |= {"b-2", EMBEDDED.name}
    with pytest.raises(ModelMissing):
        hall.follower().loaded()


def test_of_two_processes_that_cannot_load_only_the_first_takes_the_switch_back(hall: Hall) -> None:
    hall.choice.use("a-1")
    first, second = hall.follower(), hall.follower()
    assert first.loaded().folder == second.loaded().folder == hall.choice.folder()
    hall.broken.add("b-2")
    hall.choice.use("b-2")
    failed = hall.choice.folder()
    assert not first.follow()
    assert hall.choice.current().model == "a-1"
    assert hall.choice.roll_back(failed, "the second comes late")
    assert hall.choice.current().model == "a-1"
    assert not second.has_changed()


def test_what_the_settings_name_is_not_tried_elsewhere_first(hall: Hall) -> None:
    hall.follower().loaded()
    assert hall.tried == []


def test_a_default_that_vanished_is_tried_once_and_the_old_model_goes_on(hall: Hall) -> None:
    hall.choice.use("a-1")
    follower = hall.follower()
    before = follower.recogniser()
    hall.broken.add(EMBEDDED.name)
    hall.choice.use(DEFAULT)
    hall.choice.use("a-1")
    hall.choice.use(DEFAULT)
    assert not follower.follow()
    assert follower.recogniser() is before
    assert hall.choice.current().model == "a-1", "back to what was in use before"


def test_a_choice_that_cannot_be_written_does_not_end_recognition(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = hall.follower()
    before = follower.recogniser()
    hall.broken.add("b-2")
    hall.choice.use("b-2")

    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hall.choice, "roll_back", full)
    assert not follower.follow()
    assert follower.recogniser() is before
    assert not follower.has_changed(), "it is not tried again and again"
