"""Proves that the line can say everything its scripts may ask for, and says what cannot be played."""

import wave
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from config.prompt_sounds import CUSTOM, GENERATED, active_level_dbfs, load_manifest, load_table
from kit.speech_synthesis import SAMPLE_RATE
from kit.storage.file_store import sha256_of

_QUIET_DBFS = -40.0
_FULL_SCALE = 32700
_CLIPPED_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class PromptProblem:
    """What is wrong with one prompt; `code` is stable."""

    key: str
    code: str
    detail: str


def check_prompts(folder: Path, required: Collection[str]) -> list[PromptProblem]:
    """Compare texts, sounds and the keys that scripts use. Raises TableWrong when there is no table."""
    table, manifest = load_table(folder), load_manifest(folder)
    problems: list[PromptProblem] = []
    for key in sorted(set(required) | set(table.names())):
        if key not in table.names():
            problems.append(PromptProblem(key, "text_missing", "a script uses this key, the table has no text for it"))
            continue
        if key not in required:
            problems.append(PromptProblem(key, "unused", "no script uses this key"))
        if not table.texts.get(key, "-").strip():
            problems.append(PromptProblem(key, "text_missing", "the text is empty"))
        problems += _check_generated(folder / GENERATED / f"{key}.wav", key, table.recipe(key), manifest.get(key))
    for path in sorted((folder / CUSTOM).glob("*")):
        if path.suffix != ".wav" or path.stem not in required:
            problems.append(PromptProblem(path.stem, "unused", f"{CUSTOM}/{path.name} replaces no prompt"))
        else:
            problems += _check_sound(path, path.stem, CUSTOM)
    return problems


def _check_generated(path: Path, key: str, recipe: str, built: dict[str, str] | None) -> list[PromptProblem]:
    if not path.exists():
        return [PromptProblem(key, "sound_missing", "run `hotline prompts build`")]
    if built is None or built["recipe"] != recipe:
        return [PromptProblem(key, "text_changed", "the sound was made from another text: run `hotline prompts build`")]
    if built["sha256"] != sha256_of(path):
        return [PromptProblem(key, "sound_changed", f"not the sound that was built: recordings belong into {CUSTOM}/")]
    return _check_sound(path, key, GENERATED)


def _check_sound(path: Path, key: str, where: str) -> list[PromptProblem]:
    try:
        with wave.open(str(path), "rb") as sound:
            facts = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            pcm = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        return [PromptProblem(key, "wrong_format", f"{where}: not a WAV file ({error})")]
    if facts != (SAMPLE_RATE, 1, 2):
        found = f"{facts[0]} Hz, {facts[1]} channel(s), {8 * facts[2]} bit"
        return [PromptProblem(key, "wrong_format", f"{where}: {found} instead of 8000 Hz mono 16-bit")]
    samples = np.frombuffer(pcm, dtype="<i2")
    problems: list[PromptProblem] = []
    if active_level_dbfs(samples / 32768) < _QUIET_DBFS:
        problems.append(PromptProblem(key, "silent", f"{where}: no sound above {_QUIET_DBFS:.0f} dBFS"))
    if np.count_nonzero(np.abs(samples.astype(np.int32)) >= _FULL_SCALE) >= _CLIPPED_SAMPLES:
        problems.append(PromptProblem(key, "clipped", f"{where}: the level is too high"))
    return problems
