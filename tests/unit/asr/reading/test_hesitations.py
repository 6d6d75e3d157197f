import pytest

from asr.domain.reading.hesitations import turns, words_read
from tests.unit.asr.spoken import shipped_rules, spoken


def _read(said: str) -> str:
    words = spoken(said)
    rules = shipped_rules().reading.hesitations
    return " ".join(words[index].text for turn in turns(words) for index in words_read(words, turn, rules))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("呃 我 想 反映", "我 想 反映"),
        ("路灯 嗯 坏 了", "路灯 坏 了"),
        ("呃 嗯 额 停水 了", "停水 了"),
        ("我 我 我 家 停水 了", "我 家 停水 了"),
        ("我们 我们 小区", "我们 小区"),
        ("我 呃 我 家", "我 家"),
        ("我 /100 我 家", "我 家"),
        ("就是 就是 停水 了", "就是 停水 了"),
        ("/500 那个 /400 路灯 坏 了", "路灯 坏 了"),
        ("停水 了 /300 这个 /300 三 天 了", "停水 了 三 天 了"),
        ("那个 那个 路灯", "那个 路灯"),
        ("停水 了 啊", "停水 了 啊"),
        ("停水 了 /300 啊 /300 没 水", "停水 了 没 水"),
    ],
)
def test_hesitations_and_stutters_are_not_read(said: str, read: str) -> None:
    assert _read(said) == read


@pytest.mark.parametrize(
    "said",
    [
        "那个 路灯 坏 了",
        "我 说 的 就是 那个 路灯",
        "这个 问题 一直 没 解决",
        "好 好 好",
        "对 对 对",
        "谢谢 谢谢",
        "八 八 八 八",
        "天天 天天",
        "是 是 是",
        "天天 打 我 /300 我 害怕",
        "他 找 我 /250 我 就 说",
        "打 我 /150 呃 /150 我 害怕",
    ],
)
def test_what_may_mean_something_is_read(said: str) -> None:
    assert _read(said) == " ".join(part for part in said.split() if not part.startswith("/") and part != "呃")


@pytest.mark.parametrize("said", ["嗯", "嗯 /500 嗯", "呃"])
def test_an_answer_of_hesitations_only_is_read(said: str) -> None:
    assert _read(said) == " ".join(part for part in said.split() if not part.startswith("/"))


def test_the_other_speaker_does_not_stutter_for_the_first() -> None:
    assert _read("坐席: 我 市民: 我 家 停水 了") == "我 我 家 停水 了"
