"""Words of danger in what a caller is saying right now: the lexicon of config/speech, without all the other rules.

The telephony process asks five times a second and call. It must not read a large gazetteer for that, so only the
one small file is kept here, and read again when somebody has edited it.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from asr.adapters.rule_files import EMERGENCIES, load_emergencies
from asr.domain.errors import RuleFileWrong
from asr.domain.rules import Rules
from asr.domain.slots.emergencies import emergency_words

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0


class DangerWords:
    """Raises RuleFileWrong when the file is wrong at the start; later a wrong edit leaves the old words in force."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / EMERGENCIES
        self._rules = Rules(emergencies=load_emergencies(folder))
        self._stamp = self._stamp_now()
        self._looked_at = time.monotonic()

    def __call__(self, text: str) -> Sequence[str]:
        """As they were said; what only sounds like one is named by its kind."""
        self._look_again()
        found = emergency_words(text, self._rules)
        words = [word.label if word.is_by_sound else text[word.start : word.end] for word in found]
        return list(dict.fromkeys(words))

    def _look_again(self) -> None:
        if time.monotonic() - self._looked_at < _LOOK_EVERY_S:
            return
        self._looked_at = time.monotonic()
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._rules = Rules(emergencies=load_emergencies(self._path.parent))
        except RuleFileWrong as error:
            log.error("app.danger_words.refused", file=error.file, line=error.line, reason=error.reason)  # noqa: TRY400

    def _stamp_now(self) -> tuple[int, int, int]:
        try:
            facts = self._path.stat()
        except OSError:
            return 0, 0, 0
        return facts.st_mtime_ns, facts.st_size, facts.st_ino
