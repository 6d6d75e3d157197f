import pytest

from asr.adapters.pinyin import pinyin_of


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("人民路", "ren2 min2 lu4"),
        ("重庆路", "chong2 qing4 lu4"),
        ("长安街", "chang2 an1 jie1"),
        ("银行", "yin2 hang2"),
        ("绿洲", "lv4 zhou1"),
        ("A座3，楼", "A zuo4 3 ， lou2"),
        ("", ""),
    ],
)
def test_each_character_has_one_syllable_as_its_word_says(text: str, syllables: str) -> None:
    assert list(pinyin_of(text)) == syllables.split()


@pytest.mark.parametrize("text", ["重abc庆", "长 安1", "\ue000银行\ue001"])
def test_what_has_no_pinyin_stands_for_itself(text: str) -> None:
    assert len(pinyin_of(text)) == len(text)
