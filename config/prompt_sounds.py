"""Builds the line's generated prompts: Chinese text → pinyin → espeak-ng → 8 kHz mono 16-bit WAV.

The WAVs are committed, so the line speaks on a machine without espeak-ng. The same text always gives
the same bytes; the manifest remembers from which text and voice each sound was made.
"""

import hashlib
import io
import json
import tomllib
import wave
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from config.melody import melody
from kit.errors import Invalid
from kit.speech_synthesis import SAMPLE_RATE, VOICE, Sound, speak
from kit.spoken_chinese import pinyin_of
from kit.storage.file_store import sha256_of

TABLE, GENERATED, CUSTOM, MANIFEST = "prompts.toml", "zh-CN", "custom", "manifest.json"

_WORDS_PER_MINUTE = 160
_ACTIVE_DBFS, _PEAK_DBFS = -20.0, -3.0
_HEAD_S, _TAIL_S, _FADE_S = 0.02, 0.15, 0.005


class TableWrong(Invalid):
    code = "prompt.table_wrong"


@dataclass(frozen=True, slots=True)
class PromptTable:
    texts: Mapping[str, str]
    tones: Mapping[str, Mapping[str, float]]
    melodies: Mapping[str, Mapping[str, Any]]
    readings: Mapping[str, str]

    def names(self) -> list[str]:
        return [*self.texts, *self.tones, *self.melodies]

    def recipe(self, key: str) -> str:
        """A hash of everything the key's sound depends on."""
        ingredients: list[Any] = [_ACTIVE_DBFS, _PEAK_DBFS]
        if key in self.tones:
            ingredients.append(dict(self.tones[key]))
        elif key in self.melodies:
            ingredients.append(dict(self.melodies[key]))
        else:
            text = self.texts[key]
            special = {word: sound for word, sound in self.readings.items() if word in text}
            ingredients += [text, special, VOICE, _WORDS_PER_MINUTE]
        return hashlib.sha256(json.dumps(ingredients, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load_table(folder: Path) -> PromptTable:
    """Read prompts.toml; raises TableWrong."""
    try:
        table = tomllib.loads((folder / TABLE).read_text(encoding="utf-8"))
        others = (table.get(name, {}) for name in ("tones", "melodies", "readings"))
        return PromptTable(table["prompts"], *others)
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise TableWrong(f"{TABLE}: {error}") from None


def load_manifest(folder: Path) -> dict[str, dict[str, str]]:
    """Key → recipe and hash of its sound; empty when nothing was built yet."""
    path = folder / GENERATED / MANIFEST
    if not path.exists():
        return {}
    manifest: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def build_prompts(folder: Path, *, only: Collection[str] = (), rebuild_all: bool = False) -> list[str]:
    """Make the sounds whose text (or voice) changed, or that are missing; drop those whose key is gone.

    Returns the keys made. Raises TableWrong, SynthesiserMissing, TextNotSpeakable.
    """
    table, before = load_table(folder), load_manifest(folder)
    target = folder / GENERATED
    target.mkdir(exist_ok=True)
    manifest: dict[str, dict[str, str]] = {}
    made: list[str] = []
    for key in table.names():
        path, recipe = target / f"{key}.wav", table.recipe(key)
        is_fresh = path.exists() and before.get(key, {}).get("recipe") == recipe
        if rebuild_all or key in only or not is_fresh:
            path.write_bytes(_wav_bytes(_sound_of(table, key)))
            made.append(key)
        manifest[key] = {"recipe": recipe, "sha256": sha256_of(path)}
    for path in target.glob("*.wav"):
        if path.stem not in manifest:
            path.unlink()
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    (target / MANIFEST).write_text(text, encoding="utf-8")
    return made


def _sound_of(table: PromptTable, key: str) -> Sound:
    if key in table.tones:
        return _tone(table.tones[key]["hertz"], table.tones[key]["seconds"])
    if key in table.melodies:
        return _levelled(melody(table.melodies[key]["notes"], table.melodies[key]["beat_s"]))
    return _levelled(_trimmed(speak(pinyin_of(table.texts[key], table.readings), rate_wpm=_WORDS_PER_MINUTE)))


def _trimmed(sound: Sound) -> Sound:
    """Cut the silence at both ends to a fixed little, so that clips join at an even pace."""
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    spoken = sound[loud[0] : loud[-1] + 1].copy()
    fade = np.linspace(0, 1, int(_FADE_S * SAMPLE_RATE))
    spoken[: fade.size] *= fade
    spoken[-fade.size :] *= fade[::-1]
    return np.concatenate([np.zeros(int(_HEAD_S * SAMPLE_RATE)), spoken, np.zeros(int(_TAIL_S * SAMPLE_RATE))])


def _levelled(sound: Sound) -> Sound:
    """All prompts equally loud, measured over the stretches that hold speech, with headroom for G.711."""
    gain = float(10 ** ((_ACTIVE_DBFS - active_level_dbfs(sound)) / 20))
    ceiling = float(10 ** (_PEAK_DBFS / 20) / np.abs(sound).max())
    return sound * min(gain, ceiling)


def _tone(hertz: float, seconds: float) -> Sound:
    moments = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound = np.sin(2 * np.pi * hertz * moments) * 10 ** (_ACTIVE_DBFS / 20) * np.sqrt(2)
    fade = np.linspace(0, 1, int(0.02 * SAMPLE_RATE))
    sound[: fade.size] *= fade
    sound[-fade.size :] *= fade[::-1]
    return np.asarray(sound, dtype=np.float64)


def active_level_dbfs(sound: Sound) -> float:
    """Root mean square of the 20 ms frames that are no more than 30 dB below the loudest one."""
    frame = SAMPLE_RATE // 50
    frames = sound[: sound.size // frame * frame].reshape(-1, frame)
    powers = (frames**2).mean(axis=1)
    if powers.size == 0 or powers.max() <= 0:
        return -120.0
    return float(10 * np.log10(powers[powers >= powers.max() / 1000].mean()))


def _wav_bytes(sound: Sound) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    return stream.getvalue()
