"""The model that a recognising process has loaded, and how it follows a switch without being restarted.

A model that was chosen is first tried in a process of its own: native code that cannot cope with a file ends its
process, and a worker that ends each time it starts would be no hotline. The old model stays until the new one is in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from app.model_choice import ModelChoice
from asr.domain.catalogue.model_errors import ModelUnloadable
from asr.domain.catalogue.speech_model import ModelIdentity
from asr.domain.errors import ModelMissing
from asr.ports import Recogniser
from kit.clock import Clock, SystemClock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What this process recognises with, since when."""

    folder: Path
    identity: ModelIdentity
    recogniser: Recogniser
    loaded_at: datetime


class ModelFollower:
    """One per process. `load` brings a folder into memory, `probe` tries it elsewhere; both raise named errors."""

    def __init__(
        self,
        choice: ModelChoice,
        *,
        load: Callable[[Path], Recogniser],
        probe: Callable[[Path], object],
        identity_of: Callable[[Path], ModelIdentity],
        clock: Clock | None = None,
    ) -> None:
        self._choice = choice
        self._load = load
        self._probe = probe
        self._identity_of = identity_of
        self._clock = clock or SystemClock()
        self._loaded: LoadedModel | None = None
        self._refused: Path | None = None

    def loaded(self) -> LoadedModel:
        """Load at the first call. A chosen model that does not load is rolled back; raises when nothing is left."""
        while self._loaded is None:
            folder = self._choice.folder()
            try:
                self._loaded = self._bring_in(folder)
            except (ModelMissing, ModelUnloadable) as error:
                if not self._roll_back(folder, error.message):
                    raise
        return self._loaded

    def recogniser(self) -> Recogniser:
        return self.loaded().recogniser

    def has_changed(self) -> bool:
        """Is another model in use than the one in memory? One that this process could not load does not count."""
        wanted = self._choice.folder()
        if wanted != self._refused:
            self._refused = None
        return self._loaded is not None and wanted not in (self._loaded.folder, self._refused)

    def follow(self) -> bool:
        """Load what is in use now, or roll the switch back and go on with the old one. True: another one is in."""
        if not self.has_changed():
            return False
        wanted = self._choice.folder()
        try:
            self._loaded = self._bring_in(wanted)
        except (ModelMissing, ModelUnloadable) as error:
            if not self._roll_back(wanted, error.message):
                self._refused = wanted
                log.error("asr.model.not_rolled_back", reason=error.message)  # noqa: TRY400 - told once, a line
            return False
        return True

    def _bring_in(self, folder: Path) -> LoadedModel:
        if folder != self._choice.default_folder:
            self._probe(folder)
        try:
            recogniser = self._load(folder)
        except (OSError, MemoryError) as error:
            raise ModelUnloadable(f"{folder.name}: {error}") from error
        loaded = LoadedModel(folder, self._identity_of(folder), recogniser, self._clock.now())
        log.info("asr.model.loaded", model=loaded.identity.name, version=loaded.identity.version)
        return loaded

    def _roll_back(self, failed: Path, reason: str) -> bool:
        """A disk that is full must not end recognition: then the old model goes on without a note of it."""
        try:
            return self._choice.roll_back(failed, reason)
        except OSError as error:
            log.error("asr.model.choice_unwritable", reason=str(error))  # noqa: TRY400 - a line, not a traceback
            return False
