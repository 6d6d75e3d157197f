"""Vosk on live speech: many streams on one loaded model, each with a decoder of its own."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import vosk

from asr.adapters.vosk import VoskRecogniser, word_of
from asr.domain.catalogue.vocabulary import in_known_words
from asr.domain.errors import ModelMissing, RecognitionFailed
from asr.domain.live_text import UNKNOWN, LiveText

_BLOCK_S = 0.2
"""Sound handed over at once, and so how often a partial text can change."""

_WORD_LISTS = ("graph/words.txt", "words.txt")


class VoskStreams(VoskRecogniser):
    """The loaded model as a StreamingRecogniser too: any number of decoders share it, in any thread."""

    def __init__(self, model_dir: Path) -> None:
        super().__init__(model_dir)
        self._known = _known_words(model_dir)

    def open(self, sample_rate: int, phrases: Sequence[str] | None) -> "VoskStream":
        rate = self.sample_rate
        if phrases is None:
            decoder, unknown = vosk.KaldiRecognizer(self._model, float(rate)), []
        else:
            cut = {phrase: in_known_words(phrase, self._known) for phrase in phrases}
            unknown = [phrase for phrase, words in cut.items() if words is None]
            grammar = [" ".join(words) for words in cut.values() if words is not None]
            decoder = _opened(self._model, rate, [*grammar, UNKNOWN])
        decoder.SetWords(True)
        marks = ("[", "<") if phrases is None else ("<",)
        return VoskStream(decoder, sample_rate, rate, unknown, marks)


class VoskStream:
    """A LiveDecoder. Sound at another rate than the model's is resampled, never just believed."""

    def __init__(
        self,
        decoder: vosk.KaldiRecognizer,
        sample_rate: int,
        model_rate: int,
        unknown_phrases: Sequence[str],
        marks: tuple[str, ...],
    ) -> None:
        self.unknown_phrases = unknown_phrases
        self._decoder = decoder
        self._marks = marks
        self._resampler = (
            soxr.ResampleStream(sample_rate, model_rate, 1, dtype="int16") if sample_rate != model_rate else None
        )
        self._block = int(model_rate * _BLOCK_S) * 2
        self._waiting = b""
        self._partial = ""

    def accept(self, pcm: bytes) -> Sequence[LiveText]:
        self._waiting += self._at_model_rate(pcm)
        return list(self._new_texts())

    def finish(self) -> Sequence[LiveText]:
        rest = self._waiting + self._at_model_rate(b"", is_last=True)
        self._waiting = b""
        try:
            heard = list(self._decode(rest)) if rest else []
            last = self._final(self._decoder.FinalResult())
        except Exception as error:
            raise _named(error) from error
        return [text for text in (*heard, last) if text is not None and text.is_final]

    def _new_texts(self) -> Iterator[LiveText]:
        while len(self._waiting) >= self._block:
            block, self._waiting = self._waiting[: self._block], self._waiting[self._block :]
            try:
                texts = list(self._decode(block))
            except Exception as error:
                raise _named(error) from error
            yield from (text for text in texts if text is not None)

    def _decode(self, block: bytes) -> Iterator[LiveText | None]:
        if self._decoder.AcceptWaveform(block):
            self._partial = ""
            yield self._final(self._decoder.Result())
            return
        partial = json.loads(self._decoder.PartialResult()).get("partial", "")
        if partial != self._partial:
            self._partial = partial
            yield LiveText.partial(" ".join(word for word in partial.split() if not word.startswith(self._marks)))

    def _final(self, result: str) -> LiveText | None:
        """Vosk also ends a stretch of silence: that is no news."""
        heard: list[dict[str, Any]] = json.loads(result).get("result", [])
        words = tuple(word_of(item) for item in heard if not item["word"].startswith(self._marks))
        return LiveText.final(words) if words else None

    def _at_model_rate(self, pcm: bytes, *, is_last: bool = False) -> bytes:
        if self._resampler is None:
            return pcm
        samples = np.frombuffer(pcm, dtype="<i2")
        return bytes(self._resampler.resample_chunk(samples, last=is_last).astype("<i2").tobytes())


def _opened(model: vosk.Model, rate: int, phrases: list[str]) -> vosk.KaldiRecognizer:
    try:
        return vosk.KaldiRecognizer(model, float(rate), json.dumps(phrases, ensure_ascii=False))
    except Exception as error:
        raise _named(error) from error


def _named(error: Exception) -> Exception:
    """Vosk raises plain Exception; whatever has a class of its own goes its way."""
    return RecognitionFailed(f"Vosk: {error}") if type(error) is Exception else error


def _known_words(model_dir: Path) -> frozenset[str]:
    path = next((model_dir / name for name in _WORD_LISTS if (model_dir / name).is_file()), None)
    if path is None:
        raise ModelMissing(f"no speech model in {model_dir}: graph/words.txt missing")
    with path.open(encoding="utf-8") as lines:
        return frozenset(line.split(" ", 1)[0].strip() for line in lines)
