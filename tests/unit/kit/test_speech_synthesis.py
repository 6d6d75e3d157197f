from array import array

import pytest

from kit.speech_synthesis import VoiceUnknown, spoken_pinyin, synthesise


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("你好", "ni2 hao3"),
        ("我想反映问题。", "wo2 xiang2 fan3 ying4 wen4 ti2."),
        ("你好，我想", "ni2 hao3, wo2 xiang3"),
        ("路灯不亮", "lu4 deng1 bu2 liang4"),
        ("一个女孩", "yi2 ge4 nv3 hai2"),
        ("转1", "zhuan3 yi1"),
        ("嗯", "en2"),
        ("，。！", ""),
        ("", ""),
    ],
)
def test_hanzi_become_pinyin_with_the_tones_as_spoken(text: str, said: str) -> None:
    assert spoken_pinyin(text) == said


def test_the_voice_is_loud_enough_and_speaks_at_telephone_rate() -> None:
    samples = array("h", synthesise("您好，路灯不亮。", voice="m3"))
    assert 1.0 < len(samples) / 8000 < 5.0
    assert max(samples) > 3000


def test_faster_speech_is_shorter() -> None:
    assert len(synthesise("您好，路灯不亮。", rate_wpm=250)) < len(synthesise("您好，路灯不亮。", rate_wpm=120))


def test_nothing_to_say_gives_no_samples() -> None:
    assert synthesise("……") == b""


def test_an_unknown_voice_is_refused_instead_of_replaced_in_silence() -> None:
    with pytest.raises(VoiceUnknown):
        synthesise("你好", voice="nobody")
