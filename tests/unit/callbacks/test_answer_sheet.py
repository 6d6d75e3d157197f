"""Answer sheets: written durably, read back whole, never deleted unread."""

import json
from dataclasses import dataclass
from pathlib import Path

from callbacks.answer_sheet import AnswerSheets
from callbacks.domain.attempt import AttemptResult
from callbacks.domain.disposition import Disposition


@dataclass(frozen=True)
class Key:
    digit: str
    at_ms: int


def test_what_was_kept_is_what_is_found(tmp_path: Path) -> None:
    sheets = AnswerSheets(tmp_path / "answers")
    sheets.keep("a1", AttemptResult(Disposition.ANSWERED, "bye", True, None, [Key("1", 900)]))
    sheets.keep("a1", AttemptResult(Disposition.ANSWERED, "bye", True, 2, [Key("1", 900), Key("2", 4000)]))
    ((attempt_id, found),) = AnswerSheets(tmp_path / "answers").left_behind()
    assert attempt_id == "a1"
    assert (found.disposition, found.cause, found.solved, found.satisfaction) == (Disposition.ANSWERED, "bye", True, 2)
    assert [(press.digit, press.at_ms) for press in found.digits] == [("1", 900), ("2", 4000)]


@dataclass(frozen=True)
class Spoken:
    question: str = "revisit_solved"
    phrase: str = "解决了"
    confidence: float = 0.97
    start_ms: int = 4000
    end_ms: int = 4600
    verdict: str = "accepted"


def test_spoken_answers_are_kept_as_they_were_heard(tmp_path: Path) -> None:
    AnswerSheets(tmp_path).keep(
        "a1", AttemptResult(Disposition.ANSWERED, None, True, voice_answers=[Spoken(), Spoken(phrase="")])
    )
    ((_, found),) = AnswerSheets(tmp_path).left_behind()
    assert [(each.phrase, each.confidence, each.verdict) for each in found.voice_answers] == [
        ("解决了", 0.97, "accepted"),
        ("", 0.97, "accepted"),
    ]


def test_a_sheet_of_before_there_were_spoken_answers_is_read(tmp_path: Path) -> None:
    sheets = AnswerSheets(tmp_path)
    sheets.keep("a1", AttemptResult(Disposition.ANSWERED, None, True, 1))
    facts = json.loads((tmp_path / "a1.json").read_text())
    del facts["voice_answers"]
    (tmp_path / "a1.json").write_text(json.dumps(facts))
    assert [attempt_id for attempt_id, _ in sheets.left_behind()] == ["a1"]


def test_a_handed_in_sheet_is_gone(tmp_path: Path) -> None:
    sheets = AnswerSheets(tmp_path)
    sheets.keep("a1", AttemptResult(Disposition.SILENT))
    sheets.remove("a1")
    sheets.remove("a1")
    assert list(sheets.left_behind()) == []


def test_an_unreadable_sheet_is_set_aside_and_does_not_hide_the_others(tmp_path: Path) -> None:
    sheets = AnswerSheets(tmp_path)
    (tmp_path / "a1.json").write_text("{not json", encoding="utf-8")
    sheets.keep("a2", AttemptResult(Disposition.ANSWERED, None, True, 1))
    assert [attempt_id for attempt_id, _ in sheets.left_behind()] == ["a2"]
    assert (tmp_path / "a1.refused").read_text(encoding="utf-8") == "{not json"


def test_without_a_folder_there_are_no_sheets(tmp_path: Path) -> None:
    assert list(AnswerSheets(tmp_path / "nothing").left_behind()) == []


def test_the_sheet_of_a_live_conversation_is_not_handed_in(tmp_path: Path) -> None:
    sheets = AnswerSheets(tmp_path)
    sheets.keep("a1", AttemptResult(Disposition.ANSWERED, None, True))
    assert list(sheets.left_behind(but_not=frozenset({"a1"}))) == []
