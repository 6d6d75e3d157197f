"""The speech model of the listener: the one in use on this machine, followed when an operator chooses another."""

from pathlib import Path

from app.model_choice import ModelChoice
from app.model_follower import ModelFollower
from asr.adapters.model_files import model_identity
from asr.adapters.model_probe import probe_model
from asr.adapters.vosk_live import VoskStreams
from config.settings import Settings


class ModelsInUse:
    """LiveModels of the hotline. A model that does not load is rolled back by its follower."""

    def __init__(self, settings: Settings) -> None:
        self._follower = ModelFollower(
            ModelChoice(settings), load=self._bring_in, probe=probe_model, identity_of=model_identity
        )

    def load(self) -> VoskStreams:
        self._follower.loaded()
        return self._streams

    def follow(self) -> VoskStreams | None:
        return self._streams if self._follower.follow() else None

    def _bring_in(self, folder: Path) -> VoskStreams:
        self._streams = VoskStreams(folder)
        return self._streams
