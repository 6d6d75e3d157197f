"""Training pairs: masked by default; as they were for a reason that is written down."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.corrections_export import ExportNotAllowed, ExportReasonMissing, export_corrections
from asr.domain.review import OriginalReason
from tests.api.said import SECRETS, SPOKEN, said_ticket
from tests.api.world import ONE_DATABASE, LeftMessage, World

pytestmark = ONE_DATABASE

TEXT = "人民路的路灯灭了"


@pytest.fixture
def corrected(world: World) -> LeftMessage:
    _, left = said_ticket(world)
    world.leave_message()  # not corrected: no pair
    reviews, ann = world.services.reviews, world.ids["ann"]
    reviews.open_original(left.recording_id, ann, OriginalReason.CORRECTION)
    for base, text in enumerate(("人民路", TEXT)):
        reviews.correct(left.recording_id, ann, text, base)
    return left


def export(world: World, file: Path, **how: Any) -> list[dict[str, str]]:
    wanted: dict[str, Any] = {"original": False, "reason": "", "login": ""} | how
    count = export_corrections(world.services, file, **wanted)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == count
    return lines


def test_what_was_heard_beside_what_was_said(world: World, corrected: LeftMessage, tmp_path: Path) -> None:
    [line] = export(world, tmp_path / "pairs.jsonl")
    assert (line["recording"], line["heard"], line["corrected"]) == (
        corrected.recording_id,
        "人民路＊＊路灯不亮电话＊＊",
        TEXT,
    )
    assert (line["model"], line["model_version"]) == ("mini-cn", "3")
    assert not [secret for secret in SECRETS if secret in str(line)]
    assert (tmp_path / "pairs.jsonl").stat().st_mode & 0o777 == 0o600


def test_the_original_for_a_reason_that_is_written_down(world: World, corrected: LeftMessage, tmp_path: Path) -> None:
    [line] = export(world, tmp_path / "pairs.jsonl", original=True, reason="新模型", login="admin")
    assert SPOKEN in line["heard"]
    until = world.services.reviews.original_until(corrected.recording_id, world.ids["admin"])
    assert until is not None


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({"login": "admin"}, ExportReasonMissing),
        ({"reason": "r"}, ExportNotAllowed),
        ({"reason": "r", "login": "boss"}, ExportNotAllowed),
        ({"reason": "r", "login": "nobody"}, ExportNotAllowed),
    ],
)
def test_no_original_without_a_reason_and_an_administrator(
    world: World, corrected: LeftMessage, tmp_path: Path, how: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        export(world, tmp_path / "pairs.jsonl", original=True, **how)
    assert list(tmp_path.glob("pairs*")) == []
