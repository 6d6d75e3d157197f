"""Rule files: wrong ones are named with their line, and never take the place of right ones."""

import multiprocessing
import os
import shutil
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from asr.adapters.rule_files import RuleFiles, checked_rules, load_rules
from asr.domain.errors import RuleFileWrong
from tests.unit.asr.shipped_rules import FOLDER


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "speech")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replace once; returns the number of the line that changed."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_shipped_rules_are_right() -> None:
    rules, wrong = checked_rules(FOLDER)
    assert wrong == []
    assert rules is not None
    subcategories = rules.categories.subcategories.values()
    assert len({each.category for each in subcategories}) >= 15
    assert 70 <= len(subcategories) <= 100


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("slots.toml", "category = 0.6", "category = 1.6", "must be a number from 0 to 1"),
        ("slots.toml", "mood = 0.6", "moods = 0.6", "'mood' is missing"),
        ("slots.toml", "hint = 1", "hint = 1\nextra = 2", "unknown key"),
        ("categories.toml", 'label = "停水"', "label = 3", "must be a text"),
        ("categories.toml", '["water_company"]', '["water_compny"]', "'water_compny' is not known"),
        ("categories.toml", '"断水", ', '"断", ', "must begin with two letters"),
        ("categories.toml", '"断水", ', '"停水", ', "stands here twice"),
        ("categories.toml", '"断水", ', '"断水" ', ""),  # no TOML any more
        ("categories.toml", 'unless = ["停水费"]', 'unlesss = ["停水费"]', "unknown key"),
        ("departments.toml", 'level = "company"', 'level = "planet"', "none of"),
        ("emergencies.toml", 'call = "119"', "call = 119", "must be a text"),
        ("emergencies.toml", "doubtful = 0.4", "", "'doubtful' is missing"),
        ("urgency.toml", '"fire", ', '"fyre", ', "'fyre' is not known"),
        ("urgency.toml", '"water.outage"', '"water.outrage"', "'water.outrage' is not known"),
        ("urgency.toml", 'level = "yellow"', 'level = "pink"', "none of"),
        ("moods.toml", "clear = 0.8", "clear = 8", "must be a number"),
        ("details.toml", '"整栋楼" = 100', '"整栋楼" = "many"', "must be a number"),
        ("redaction.toml", '"[电话]"', '"[13800138000]"', "a mask has no digits"),
        ("redaction.toml", '"12345"', '"12345x"', "must be digits"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder: Path, name: str, old: str, new: str, reason: str) -> None:
    line = edit(folder, name, old, new)
    rules, wrong = checked_rules(folder)
    assert rules is None
    first = next(error for error in wrong if error.file == name)
    assert reason in first.reason
    nearby = range(line, line + 2) if "missing" not in reason else range(1, line + 1)
    assert first.line in nearby
    assert first.message.startswith(f"{name}:{first.line}: ")


def test_every_wrong_file_is_named_at_once(folder: Path) -> None:
    edit(folder, "slots.toml", "category = 0.6", "category = 1.6")
    edit(folder, "moods.toml", "clear = 0.8", "clear = 8")
    (folder / "urgency.toml").unlink()
    _, wrong = checked_rules(folder)
    assert [(error.file, error.line) for error in wrong] == [("moods.toml", 5), ("slots.toml", 5), ("urgency.toml", 0)]


def test_a_process_does_not_start_with_wrong_rules(folder: Path) -> None:
    edit(folder, "slots.toml", "[gates]", "[gates")
    with pytest.raises(RuleFileWrong):
        RuleFiles(folder).rules()


def test_an_edit_is_in_force_within_a_second_and_not_looked_for_more_often(folder: Path, clock: Clock) -> None:
    book = RuleFiles(folder, clock)
    before = book.rules()
    edit(folder, "moods.toml", "clear = 0.8", "clear = 0.7")
    clock.now += 0.9
    assert book.rules() is before
    clock.now += 0.2
    after = book.rules()
    assert after.version != before.version
    assert book.rules() is after


def test_a_wrong_edit_leaves_the_old_rules_in_force_and_is_logged_once(folder: Path, clock: Clock) -> None:
    book = RuleFiles(folder, clock)
    before = book.rules()
    edit(folder, "moods.toml", "clear = 0.8", "clear = ")
    with capture_logs() as logs:
        for _ in range(5):
            clock.now += 2
            assert book.rules() is before
    assert [(each["event"], each["file"], each["line"]) for each in logs] == [("asr.rules.refused", "moods.toml", 5)]
    edit(folder, "moods.toml", "clear = ", "clear = 0.75")
    clock.now += 2
    assert book.rules().version != before.version


def test_a_missing_file_leaves_the_old_rules_in_force(folder: Path, clock: Clock) -> None:
    book = RuleFiles(folder, clock)
    before = book.rules()
    (folder / "moods.toml").unlink()
    clock.now += 2
    assert book.rules() is before


def test_a_file_that_is_replaced_by_one_of_the_same_size_and_time_is_noticed(folder: Path, clock: Clock) -> None:
    book = RuleFiles(folder, clock)
    before, path = book.rules(), folder / "moods.toml"
    facts, text = path.stat(), path.read_text(encoding="utf-8")
    other = folder / "moods.new"
    other.write_text(text.replace("clear = 0.8", "clear = 0.7"), encoding="utf-8")
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    other.replace(path)
    clock.now += 2
    assert book.rules().version != before.version


def test_a_forked_worker_notices_an_edit_too(folder: Path, clock: Clock) -> None:
    book = RuleFiles(folder, clock)
    before = book.rules()
    edit(folder, "moods.toml", "clear = 0.8", "clear = 0.7")
    clock.now += 2
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    worker = context.Process(target=_tell_version, args=(book, theirs))
    worker.start()
    assert ours.poll(20)
    version: str = ours.recv()
    worker.join()
    assert version == load_rules(folder).version != before.version


def _tell_version(book: RuleFiles, pipe: Connection) -> None:
    pipe.send(book.rules().version)


def test_the_version_names_the_content_and_not_the_time(folder: Path) -> None:
    before = load_rules(folder).version
    os.utime(folder / "moods.toml", (1, 1))
    assert load_rules(folder).version == before


def test_a_file_of_another_encoding_is_read(folder: Path) -> None:
    path = folder / "moods.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    assert load_rules(folder).moods.labels["angry"] == "愤怒"
