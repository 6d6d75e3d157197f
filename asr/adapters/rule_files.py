"""The rules of understanding, read from the folder config/speech."""

from pathlib import Path

from asr.domain.rules import Rules


class RuleFiles:
    """Implements RuleBook."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rules(self) -> Rules:
        return Rules()
