"""From prompt names to sounds. A recorded `custom/<key>.wav` wins over the generated `zh-CN/<key>.wav`."""

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import structlog

from ivr.domain.errors import PromptMissing
from ivr.domain.prompts import Prompt, spelled
from ivr.ports import SAMPLE_RATE, Clip
from kit.storage.file_store import sha256_of

log = structlog.get_logger(__name__)

_FOLDERS = ("custom", "zh-CN")
"""In order of preference."""


class PromptBook:
    """Every sound of the line, found once; a sound replaced later is heard after a restart."""

    def __init__(self, clips: Mapping[Prompt, Clip]) -> None:
        self._clips = dict(clips)
        greeting = self._clips.get(Prompt.GREETING)
        self.notice_version = sha256_of(greeting.path)[:16] if greeting else "missing"
        """Which recording notice callers hear: it changes whenever its sound does."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Look up all prompts below `folder`. A sound of the wrong format is passed over and logged."""
        found: dict[Prompt, Clip] = {}
        for prompt in Prompt:
            candidates = [folder / name / f"{prompt}.wav" for name in _FOLDERS]
            usable = next((path for path in candidates if path.is_file() and _is_playable(path)), None)
            if usable:
                found[prompt] = Clip(prompt, usable)
            else:
                log.error("ivr.prompt.not_found", prompt=prompt.value)
        return cls(found)

    def clip(self, prompt: Prompt) -> Clip:
        """Raises PromptMissing."""
        try:
            return self._clips[prompt]
        except KeyError:
            raise PromptMissing(f"no sound for {prompt}", prompt=prompt.value) from None

    def clips(self, *prompts: Prompt) -> list[Clip]:
        """Raises PromptMissing."""
        return [self.clip(prompt) for prompt in prompts]

    def spell(self, number: str) -> list[Clip]:
        """The number digit by digit; raises PromptMissing."""
        return self.clips(*spelled(number))

    def missing(self) -> list[Prompt]:
        return [prompt for prompt in Prompt if prompt not in self._clips]


def _is_playable(path: Path) -> bool:
    try:
        with wave.open(str(path), "rb") as sound:
            facts = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
    except (wave.Error, EOFError, OSError) as error:
        log.warning("ivr.prompt.unreadable", path=str(path), error=str(error))
        return False
    if facts != (SAMPLE_RATE, 1, 2):
        log.warning(
            "ivr.prompt.wrong_format", path=str(path), rate=facts[0], channels=facts[1], bytes_per_sample=facts[2]
        )
        return False
    return True
