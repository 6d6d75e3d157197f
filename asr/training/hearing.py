"""A model's folder heard through Vosk, in blocks of 20 ms as a telephone line brings them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import vosk

from asr.training.graph import NOTHING, UNKNOWN
from asr.training.mfcc import SAMPLE_RATE
from asr.training.telephone import Telephone

_BLOCK = 320
"""Bytes in 20 ms."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    word: str
    start_s: float
    end_s: float
    confidence: float


def known_words(model: Path) -> list[str]:
    """What the model can hear."""
    lines = (model / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
    words = (line.split()[0] for line in lines)
    return sorted(word for word in words if word not in (NOTHING, UNKNOWN))


class Ear:
    """A loaded model."""

    def __init__(self, model: Path) -> None:
        vosk.SetLogLevel(-1)
        started = time.perf_counter()
        self._model = vosk.Model(str(model))
        self.load_s = time.perf_counter() - started
        self.busy_s = 0.0
        self.heard_s = 0.0

    def words(self, sound: Telephone, phrases: Sequence[str] = ()) -> list[HeardWord]:
        """What is said; with `phrases` only these or nothing. Words of a phrase stand apart."""
        grammar = [json.dumps([*phrases, UNKNOWN], ensure_ascii=False)] if phrases else []
        started = time.process_time()
        decoder = vosk.KaldiRecognizer(self._model, SAMPLE_RATE, *grammar)
        decoder.SetWords(True)
        data, results = sound.tobytes(), []
        for start in range(0, len(data), _BLOCK):
            if decoder.AcceptWaveform(data[start : start + _BLOCK]):
                results += [json.loads(decoder.Result())]
        results.append(json.loads(decoder.FinalResult()))
        self.busy_s += time.process_time() - started
        self.heard_s += len(sound) / SAMPLE_RATE
        found = (item for result in results for item in result.get("result", []))
        return [HeardWord(item["word"], item["start"], item["end"], item["conf"]) for item in found]

    def text(self, sound: Telephone, phrases: Sequence[str] = ()) -> str:
        return "".join(word.word for word in self.words(sound, phrases) if word.word != UNKNOWN)
