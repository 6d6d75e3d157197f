"""The real recogniser on live speech, with voices that the model was not trained on."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soxr

from asr.adapters.vosk_live import VoskStreams
from asr.domain.errors import ModelMissing
from asr.domain.live_text import UNKNOWN, LiveText
from config.settings import ROOT
from ivr.domain.menu import BUSY_MENU, MAIN_MENU
from ivr.domain.revisit import CONFIRMED, SATISFIED, SOLVED
from kit import speech_synthesis

MENU = tuple(MAIN_MENU.phrases)
PAUSE = bytes(2 * 12000)


@pytest.fixture(scope="module")
def streams() -> VoskStreams:
    return VoskStreams(ROOT / "asr" / "models" / "mini-cn")


def hear(streams: VoskStreams, pcm: bytes, phrases: Sequence[str] | None, rate: int = 8000) -> list[LiveText]:
    decoder = streams.open(rate, phrases)
    heard = [text for at in range(0, len(pcm), 320) for text in decoder.accept(pcm[at : at + 320])]
    return [*heard, *decoder.finish()]


def finals(texts: Sequence[LiveText]) -> list[str]:
    return [text.text for text in texts if text.is_final]


@pytest.mark.parametrize("question", [MAIN_MENU, BUSY_MENU, SOLVED, SATISFIED, CONFIRMED])
def test_the_embedded_model_can_hear_every_phrase_of_ours(streams: VoskStreams, question) -> None:  # type: ignore[no-untyped-def]
    assert streams.open(8000, tuple(question.phrases)).unknown_phrases == []


@pytest.mark.parametrize("voice", ["m3", "f4", "Annie"])
@pytest.mark.parametrize("phrase", ["人工", "留言", "给我回电"])
def test_a_phrase_is_heard_as_itself_with_its_times(streams: VoskStreams, phrase: str, voice: str) -> None:
    pcm = PAUSE + speech_synthesis.synthesise(phrase, voice=voice) + PAUSE
    texts = hear(streams, pcm, MENU)
    assert finals(texts) == [phrase]
    words = texts[-1].words if texts[-1].is_final else next(text.words for text in texts if text.is_final)
    assert words[0].start_ms > 1000
    assert words[-1].end_ms < len(pcm) / 16
    assert all(0 < word.confidence <= 1 for word in words)


def test_partial_texts_grow_while_it_is_spoken(streams: VoskStreams) -> None:
    texts = hear(streams, speech_synthesis.synthesise("我想反映路灯不亮的问题", voice="m3") + PAUSE, None)
    partials = [text for text in texts if not text.is_final]
    assert len(partials) >= 5
    assert all(not text.words for text in partials)
    assert all(before.text != after.text for before, after in itertools.pairwise(partials))


@pytest.mark.parametrize("sentence", ["今天天气很好", "路灯坏了三天", "你们几点下班"])
def test_other_speech_is_unknown_never_a_phrase(streams: VoskStreams, sentence: str) -> None:
    heard = finals(hear(streams, speech_synthesis.synthesise(sentence, voice="m3") + PAUSE, tuple(SATISFIED.phrases)))
    assert set("".join(heard).replace(UNKNOWN, "")) == set()


def test_silence_is_no_news(streams: VoskStreams) -> None:
    assert hear(streams, bytes(16000 * 8), MENU) == []
    assert hear(streams, b"", None) == []


def test_sound_at_another_rate_is_resampled_and_keeps_its_times(streams: VoskStreams) -> None:
    pcm = PAUSE + speech_synthesis.synthesise("留言", voice="m3") + PAUSE
    wide = soxr.resample(np.frombuffer(pcm, dtype="<i2"), 8000, 16000).astype("<i2").tobytes()
    narrow, doubled = hear(streams, pcm, MENU), hear(streams, wide, MENU, rate=16000)
    assert finals(doubled) == finals(narrow) == ["留言"]
    starts = [next(text.words[0].start_ms for text in texts if text.is_final) for texts in (narrow, doubled)]
    assert abs(starts[0] - starts[1]) <= 60


def test_a_phrase_with_a_character_the_model_lacks_is_named_and_the_others_work(streams: VoskStreams) -> None:
    decoder = streams.open(8000, ["留言", "留𠮷言"])
    assert decoder.unknown_phrases == ["留𠮷言"]
    pcm = speech_synthesis.synthesise("留言", voice="m3") + PAUSE
    heard = [*decoder.accept(pcm), *decoder.finish()]
    assert finals(heard) == ["留言"]


def test_streams_on_one_model_do_not_disturb_each_other(streams: VoskStreams) -> None:
    pcm = {word: speech_synthesis.synthesise(word, voice="m3") + PAUSE for word in ("留言", "人工")}
    decoders = {word: streams.open(8000, MENU) for word in pcm}
    heard: dict[str, list[LiveText]] = {word: [] for word in pcm}
    for at in range(0, max(map(len, pcm.values())), 320):
        for word, decoder in decoders.items():
            heard[word] += decoder.accept(pcm[word][at : at + 320])
    assert {word: finals([*heard[word], *decoders[word].finish()]) for word in pcm} == {
        "留言": ["留言"],
        "人工": ["人工"],
    }


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=str(tmp_path)):
        VoskStreams(tmp_path)
