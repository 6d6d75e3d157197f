"""What a citizen has answered so far, on disk before the next question is asked.

The database may be away and the process may die in the middle of a conversation; an answer that was given
is not asked for again. One small file per attempt, `<folder>/<attempt_id>.json`, gone once it is in the books.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import structlog

from callbacks.domain.attempt import AttemptResult
from callbacks.domain.disposition import Disposition
from kit.storage.file_store import fsync_path

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Press:
    digit: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class _SpokenAnswer:
    question: str
    phrase: str
    confidence: float
    start_ms: int
    end_ms: int
    verdict: str


class AnswerSheets:
    """The folder of answer sheets; written by the telephony process, read back at its start-up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, attempt_id: str, result: AttemptResult) -> None:
        """Write or replace the sheet durably; raises OSError when the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(attempt_id)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as stream:
            json.dump(_as_json(result), stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)
        fsync_path(self._folder)

    def remove(self, attempt_id: str) -> None:
        self._path(attempt_id).unlink(missing_ok=True)

    def left_behind(self, but_not: frozenset[str] = frozenset()) -> Iterator[tuple[str, AttemptResult]]:
        """Sheets that did not reach the books, each read when it is its turn; `but_not`: attempts still talking.

        An unreadable one is set aside and does not hold up the others.
        """
        for path in sorted(self._folder.glob("*.json")):
            if path.stem in but_not:
                continue
            try:
                result = _from_json(path.read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue  # handed in while we looked
            except (OSError, ValueError, KeyError, TypeError):
                log.exception("callbacks.answer_sheet.unreadable", attempt_id=path.stem)
                self.set_aside(path.stem)
            else:
                yield path.stem, result

    def set_aside(self, attempt_id: str) -> None:
        """Out of the way of the others, for a person to look at (`.refused`); never deleted."""
        self._path(attempt_id).rename(self._path(attempt_id).with_suffix(".refused"))

    def _path(self, attempt_id: str) -> Path:
        return self._folder / f"{attempt_id}.json"


def _as_json(result: AttemptResult) -> dict[str, object]:
    return {
        "disposition": result.disposition.value,
        "cause": result.cause,
        "solved": result.solved,
        "satisfaction": result.satisfaction,
        "digits": [[press.digit, press.at_ms] for press in result.digits],
        "voice_answers": [
            {each.name: getattr(answer, each.name) for each in fields(_SpokenAnswer)} for answer in result.voice_answers
        ],
    }


def _from_json(text: str) -> AttemptResult:
    facts = json.loads(text)
    return AttemptResult(
        disposition=Disposition(facts["disposition"]),
        cause=facts["cause"],
        solved=facts["solved"],
        satisfaction=facts["satisfaction"],
        digits=[_Press(str(digit), int(at_ms)) for digit, at_ms in facts["digits"]],
        voice_answers=[_SpokenAnswer(**answer) for answer in facts.get("voice_answers", ())],
    )
