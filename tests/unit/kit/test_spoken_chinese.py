"""Chinese text becomes the pinyin that is spoken, tone by tone."""

import pytest

from kit.spoken_chinese import TextNotSpeakable, pinyin_of


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("您好，再见。", "nin2 hao3, zai4 jian4."),
        ("12345市民热线", "yao1 er4 san1 si4 wu3 shi4 min2 re4 xian4"),
        ("请按1。请按0。", "qing3 an4 yi1. qing3 an4 ling2."),
        ("女士绿色", "nv3 shi4 lv4 se4"),
        ("你好", "ni2 hao3"),
        ("五九", "wu2 jiu3"),
        ("没有，好", "mei2 you3, hao3"),
        ("不满意，不是", "bu4 man3 yi4, bu2 shi4"),
        ("解决了吗？", "jie3 jue2 le5 ma5."),
        ("AB岗", "ei1 bi4 gang3"),
        ("W", "da2 bu5 liu5"),
        ("路灯不亮", "lu4 deng1 bu2 liang4"),
        ("一个女孩", "yi2 ge4 nv3 hai2"),
        ("嗯", "en2"),
    ],
)
def test_text_is_spoken_as_written(text: str, spoken: str) -> None:
    assert pinyin_of(text) == spoken


def test_a_given_reading_wins_over_the_dictionary() -> None:
    assert pinyin_of("请重办。", {"重办": "chong2 ban4"}) == "qing3 chong2 ban4."


@pytest.mark.parametrize("text", ["", "。", "您好€", "привет"])
def test_what_cannot_be_spoken_is_refused(text: str) -> None:
    with pytest.raises(TextNotSpeakable):
        pinyin_of(text)
