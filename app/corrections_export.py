"""Corrections as training pairs for a better model, one JSON object a line: masked, or for a reason as they were."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from app.bootstrap import Services
from asr.domain.review import TrainingPair
from kit.errors import Forbidden, Invalid
from people.domain.role import Role


class ExportReasonMissing(Invalid):
    code = "corrections.reason_missing"


class ExportNotAllowed(Forbidden):
    code = "corrections.not_an_administrator"


def export_corrections(services: Services, file: Path, *, original: bool, reason: str, login: str) -> int:
    """How many pairs the file has now; readable by its owner alone.

    The original needs a reason and an administrator's name; both are written down for every recording, before
    its line is. Raises ExportReasonMissing, ExportNotAllowed.
    """
    if not original:
        return _write(file, services.reviews.training_pairs())
    if not reason.strip():
        raise ExportReasonMissing("say why the original is needed: --reason")
    person_id = _administrator(services, login)
    return _write(file, services.reviews.training_pairs(original_for=person_id, note=reason))


def _administrator(services: Services, login: str) -> str:
    for person in services.people.people():
        if person.login == login and person.role is Role.ADMIN and person.is_active:
            return person.id
    raise ExportNotAllowed("name an active administrator: --as LOGIN")


def _write(file: Path, pairs: Iterator[TrainingPair]) -> int:
    """The file appears whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    count = 0
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        for pair in pairs:
            out.write(json.dumps(_line(pair), ensure_ascii=False) + "\n")
            count += 1
    part.replace(file)
    return count


def _line(pair: TrainingPair) -> dict[str, str]:
    return {
        "recording": pair.recording_id,
        "heard": pair.heard,
        "corrected": pair.corrected,
        "model": pair.model,
        "model_version": pair.model_version,
        "corrected_at": pair.corrected_at.isoformat(),
    }
