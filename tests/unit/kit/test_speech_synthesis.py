from array import array

import pytest

from kit.speech_synthesis import SynthesiserMissing, VoiceUnknown, synthesise
from kit.spoken_chinese import TextNotSpeakable


def test_the_voice_is_loud_enough_and_speaks_at_telephone_rate() -> None:
    samples = array("h", synthesise("您好，路灯不亮。", voice="m3"))
    assert 1.0 < len(samples) / 8000 < 5.0
    assert max(samples) > 3000


def test_faster_speech_is_shorter() -> None:
    assert len(synthesise("您好，路灯不亮。", rate_wpm=250)) < len(synthesise("您好，路灯不亮。", rate_wpm=120))


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(TextNotSpeakable):
        synthesise("。。")


def test_without_the_program_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SynthesiserMissing, match="espeak-ng"):
        synthesise("你好")


def test_an_unknown_voice_is_refused_instead_of_replaced_in_silence() -> None:
    with pytest.raises(VoiceUnknown):
        synthesise("你好", voice="nobody")
