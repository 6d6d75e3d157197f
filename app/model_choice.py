"""Which speech model is in use on this machine: one small file, replaced atomically, read by every process.

A choice made by an operator wins over VOSK_MODEL; without one, and after `hotline models use default`, VOSK_MODEL
names the folder. Processes that recognise compare `folder()` with what they have loaded, between two recordings.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import structlog

from asr.domain.catalogue.model_errors import ChoiceUnreadable, ModelNotInstalled
from asr.domain.catalogue.speech_model import is_model_id
from config.settings import ROOT, Settings
from kit.clock import Clock, SystemClock
from kit.storage.file_store import fsync_path

log = structlog.get_logger(__name__)

DEFAULT = "default"
"""The word for "what VOSK_MODEL names"."""
EMBEDDED = ROOT / "asr" / "models" / "mini-cn"
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A switch that was taken back because the model did not load."""

    model: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """`model` and `previous` are folder names or DEFAULT."""

    model: str = DEFAULT
    chosen_at: datetime | None = None
    previous: str | None = None
    rolled_back: RolledBack | None = None


class ModelChoice:
    """The models of one data folder. Cheap; holds nothing but paths."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.models_dir = settings.data_dir.resolve() / "models"
        self.default_folder = settings.vosk_model
        self._file = self.models_dir / "in-use"
        self._clock = clock or SystemClock()

    def current(self) -> Choice:
        """What was chosen; raises ChoiceUnreadable for a damaged file."""
        try:
            raw = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Choice()
        except (OSError, ValueError) as error:
            raise ChoiceUnreadable(f"{self._file}: {error}") from None
        return self._parsed(raw)

    def readable(self) -> Choice:
        """Like `current`, but a damaged file counts as no choice."""
        try:
            return self.current()
        except ChoiceUnreadable:
            return Choice()

    def folder(self) -> Path:
        """The folder to load now. A damaged choice counts as none: the hotline goes on with the default."""
        try:
            return self.folder_of(self.current().model)
        except ChoiceUnreadable as error:
            log.error("asr.model.choice_unreadable", reason=error.message)  # noqa: TRY400 - a line, not a traceback
            return self.default_folder

    def folder_of(self, model: str) -> Path:
        """Where a model of this name lies, whether it is there or not; raises ModelNotInstalled for a wrong name."""
        if model == DEFAULT:
            return self.default_folder
        if not is_model_id(model):
            raise ModelNotInstalled(f"no model can be called {model!r}", model=model[:80])
        return EMBEDDED if model == EMBEDDED.name else self.models_dir / model

    def use(self, model: str) -> Choice:
        """Choose a model. It must have been seen to load; processes take it up between two recordings."""
        with self._alone():
            now = self.readable()
            is_same = model == now.model
            if is_same and now.rolled_back is None:
                return now
            previous = now.previous if is_same else now.model
            return self._write(Choice(model, self._clock.now(), previous), "asr.model.chosen")

    def roll_back(self, failed: Path, reason: str) -> bool:
        """The folder in use did not load: choose what was in use before it, else the default.

        False when there is nothing to go back to. When somebody else was faster, that is as good.
        """
        with self._alone():
            now = self.readable()
            if self.folder_of(now.model) != failed:
                return True
            target = now.previous if now.previous not in (None, now.model) else DEFAULT
            if self.folder_of(str(target)) == failed:
                return False
            undone = RolledBack(now.model, reason[:_LONGEST_REASON], self._clock.now())
            back = Choice(str(target), self._clock.now(), rolled_back=undone)
            self._write(back, "asr.model.rolled_back", failed=now.model, reason=undone.reason)
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time on this machine; readers never wait."""
        self.models_dir.mkdir(parents=True, exist_ok=True)
        with (self.models_dir / ".in-use.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, choice: Choice, event: str, **facts: str) -> Choice:
        beside = self._file.with_name(".in-use.new")
        with beside.open("w", encoding="utf-8") as stream:
            json.dump(asdict(choice), stream, ensure_ascii=False, default=datetime.isoformat)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self._file)
        fsync_path(self.models_dir)
        log.info(event, model=choice.model, **facts)
        return choice

    def _parsed(self, raw: object) -> Choice:
        try:
            assert isinstance(raw, dict)
            undone = raw["rolled_back"]
            back = undone and RolledBack(undone["model"], undone["reason"], datetime.fromisoformat(undone["at"]))
            choice = Choice(
                model=str(raw["model"]),
                chosen_at=datetime.fromisoformat(raw["chosen_at"]),
                previous=raw["previous"],
                rolled_back=back,
            )
            self.folder_of(choice.model)
            self.folder_of(choice.previous or DEFAULT)
        except (AssertionError, KeyError, TypeError, ValueError, ModelNotInstalled) as error:
            raise ChoiceUnreadable(f"{self._file} is damaged ({type(error).__name__})") from None
        return choice
