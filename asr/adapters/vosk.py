"""The Vosk recogniser: one loaded model, a fresh decoder for each recording."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import vosk

from asr.adapters.model_files import check_files, model_identity, sample_rate_of
from asr.domain.errors import ModelMissing, RecognitionFailed
from asr.domain.transcript import Recognised, Word

_BLOCK_S = 0.25
"""Audio handed over at once. Python signals (the job's time limit) are delivered between two blocks."""

_NOT_WORDS = ("[", "<")  # [unk], <SPOKEN_NOISE>: marks, not words


class VoskRecogniser:
    """Loads the model at once (raises ModelMissing); may be forked from then on, it starts no threads."""

    def __init__(self, model_dir: Path) -> None:
        check_files(model_dir)
        vosk.SetLogLevel(-1)
        self._identity = model_identity(model_dir)
        self._sample_rate = sample_rate_of(model_dir)
        try:
            self._model = vosk.Model(str(model_dir))
            self._decoder()  # a broken graph is found only here
        except Exception as error:
            if type(error) is not Exception:  # Vosk raises plain Exception; a signal's must go its way
                raise
            raise ModelMissing(f"the speech model in {model_dir} cannot be loaded: {error}") from None

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def name(self) -> str:
        """The name of the model, without its version."""
        return self._identity.name

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        if sample_rate != self._sample_rate:
            raise RecognitionFailed("audio at another rate than the model's", rate=sample_rate, model=self._sample_rate)
        try:
            heard = list(itertools.chain.from_iterable(self._results(pcm)))
        except Exception as error:
            if type(error) is not Exception:
                raise
            raise RecognitionFailed(f"Vosk: {error}") from error
        words = tuple(word_of(item) for item in heard if not item["word"].startswith(_NOT_WORDS))
        return Recognised(words, self._identity.name, self._identity.version)

    def _results(self, pcm: bytes) -> Iterator[list[dict[str, Any]]]:
        """Vosk ends a result at each longer pause; its times go on counting from the first sample."""
        decoder = self._decoder()
        block = int(self._sample_rate * _BLOCK_S) * 2
        for start in range(0, len(pcm), block):
            if decoder.AcceptWaveform(pcm[start : start + block]):
                yield json.loads(decoder.Result()).get("result", [])
        yield json.loads(decoder.FinalResult()).get("result", [])

    def _decoder(self) -> vosk.KaldiRecognizer:
        decoder = vosk.KaldiRecognizer(self._model, float(self._sample_rate))
        decoder.SetWords(True)
        return decoder


def word_of(item: dict[str, Any]) -> Word:
    return Word(item["word"], round(item["start"] * 1000), round(item["end"] * 1000), min(1.0, float(item["conf"])))
