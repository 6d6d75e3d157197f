"""The speech model in use, what each recognising process has loaded, and the models of this machine."""

from dataclasses import dataclass
from datetime import datetime

from app.model_choice import Choice, RolledBack
from app.model_reports import ModelReport
from app.model_shelf import ModelRow, ModelShelf


@dataclass(frozen=True, slots=True)
class PublishedErrorView:
    """A character error rate in percent, as the publisher states it."""

    test_set: str
    cer_percent: float


@dataclass(frozen=True, slots=True)
class SpeechModelRow:
    """A model that is installed. `id` is what `use` wants; `default`: the folder that the settings name."""

    id: str
    name: str
    version: str
    licence: str
    sample_rate: int | None
    size_bytes: int | None
    installed_at: datetime | None
    is_in_use: bool
    published_errors: list[PublishedErrorView]


@dataclass(frozen=True, slots=True)
class RecognisingProcess:
    """`is_current`: it has loaded the model in use. One that has not does so before its next recording."""

    host: str
    process: str
    pid: int
    name: str
    version: str
    sample_rate: int
    loaded_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class RolledBackSwitch:
    """A switch that was taken back because the model did not load."""

    id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SpeechModelPage:
    """`chosen_at` is empty while nobody has chosen; `processes` is empty (null) while Redis does not answer.

    `installed`, `previous_id` and `rolled_back` are for administrators.
    """

    in_use: SpeechModelRow
    chosen_at: datetime | None
    processes: list[RecognisingProcess] | None
    installed: list[SpeechModelRow] | None
    previous_id: str | None
    rolled_back: RolledBackSwitch | None


def speech_model_page(shelf: ModelShelf, reports: list[ModelReport] | None, *, is_admin: bool) -> SpeechModelPage:
    in_use, choice, rows = shelf.in_use(), shelf.choice.readable(), shelf.rows()
    before = choice.previous and shelf.choice.folder_of(choice.previous)
    previous = next((row.id for row in rows if shelf.choice.folder_of(row.id) == before), None)
    return SpeechModelPage(
        in_use=_row(in_use),
        chosen_at=choice.chosen_at,
        processes=None if reports is None else [_process(each, in_use) for each in reports],
        installed=[_row(each) for each in rows if each.is_installed] if is_admin else None,
        previous_id=previous if is_admin else None,
        rolled_back=_rolled_back(choice) if is_admin else None,
    )


def _row(row: ModelRow) -> SpeechModelRow:
    return SpeechModelRow(
        id=row.id,
        name=row.identity.name,
        version=row.identity.version,
        licence=row.identity.licence,
        sample_rate=row.sample_rate,
        size_bytes=row.size_bytes,
        installed_at=row.installed_at,
        is_in_use=row.is_in_use,
        published_errors=[PublishedErrorView(each.test_set, each.cer_percent) for each in row.errors],
    )


def _process(report: ModelReport, in_use: ModelRow) -> RecognisingProcess:
    return RecognisingProcess(
        host=report.host,
        process=report.process,
        pid=report.pid,
        name=report.model,
        version=report.version,
        sample_rate=report.sample_rate,
        loaded_at=report.loaded_at,
        is_current=(report.model, report.version) == (in_use.identity.name, in_use.identity.version),
    )


def _rolled_back(choice: Choice) -> RolledBackSwitch | None:
    undone: RolledBack | None = choice.rolled_back
    return None if undone is None else RolledBackSwitch(undone.model, undone.reason, undone.at)
