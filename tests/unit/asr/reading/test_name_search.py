import pytest

from asr.adapters.pinyin import pinyin_of
from asr.domain.reading.gazetteer import Gazetteer, GazetteerEntry, PlaceKind
from asr.domain.reading.pieces import PieceKind
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from tests.unit.asr.spoken import shipped_rules, spoken


def _names(said: str, *names: str) -> list[str]:
    """Names that the reading has, by the shipped gazetteer or by these names only."""
    rules = shipped_rules()
    if names:
        entries = [GazetteerEntry(name, PlaceKind.ROAD) for name in names]
        rules = Rules("", rules.reading, Gazetteer(entries, pinyin_of))
    return [piece.text for piece in read(spoken(said), rules).pieces if piece.kind is PieceKind.NAME]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("崔 平 小区", "翠屏小区"),
        ("催 瓶 小区", "翠屏小区"),
        ("去 云 七 里 怎么 走", "云栖里"),
        ("西 奉 花 院", "栖凤花苑"),
        ("路明 小学 旁边 的 路 鸣 苑", "鹿鸣苑"),
        ("青 河 花园", "青禾花园"),
        ("亲 和 花园", "青禾花园"),
        ("在 观 兰 国 计 楼下", "观澜国际"),
        ("观 蓝 国际", "观澜国际"),
        ("宁云 小区", "凌云小区"),
        ("七 里 湾 舍 区", "七里湾社区"),
        ("柴油 季 厂 宿舍", "柴油机厂宿舍"),
        ("柴油 厂 宿舍", "柴油机厂宿舍"),
        ("公 鸡 金 中心", "公积金中心"),
        ("找 老 动 监察 大队", "劳动监察大队"),
        ("柳 和 镇 停水", "柳河镇"),
        ("栖 凤 街 到", "栖凤街道"),
        ("不 动 产 登 机 中心", "不动产登记中心"),
    ],
)
def test_a_name_that_was_misheard_is_found_by_its_sound(said: str, name: str) -> None:
    assert name in _names(said)


@pytest.mark.parametrize(
    "said",
    [
        "没 人 修路 灯 也 坏 了",
        "我们 学校 路 太 窄",
        "的 修路 工地",
        "我 心急 得 很",
        "走 不 了 路",
        "一 条 街",
        "东门 路 上",
        "这 条 路 又 坏 了",
        "垃圾 站 旁边 的 小区",
        "我们 小区 没有 人 管",
        "从 医院 到 学校",
        "老人 孩子 都 受 不 了",
        "物业 不 作为",
        "谢谢 您 再见",
        "昨天 晚上 十 点 以后",
        "停 了 三 天 水",
        "楼道 里 堆放 杂物",
        "我 是 做 生意 的",
        "城市 里 车 多",
        "请 你们 派 人 来 修 一下 路 面",
        "天气 太 热 没 电",
    ],
)
def test_ordinary_words_are_not_turned_into_names(said: str) -> None:
    assert _names(said) == []


def test_between_two_names_of_the_same_sound_nobody_chooses() -> None:
    assert _names("进 江 花园", "锦江花园", "金江花园") == []
    assert _names("进 江 花园", "锦江花园") == ["锦江花园"]


def test_a_name_that_is_written_so_wins_over_all_that_sound_like_it() -> None:
    assert _names("锦江花园", "锦江花园", "金江花园") == ["锦江花园"]


def test_words_of_the_recognisers_vocabulary_are_believed_sooner() -> None:
    assert _names("长安 花园", "仓岸花园") == []
    assert _names("长 安 花园", "仓岸花园") == ["仓岸花园"]


def test_a_short_name_needs_its_ending() -> None:
    assert _names("夫 强 路", "富强路") == ["富强路"]
    assert _names("富 强 旅", "富强路") == []
    assert _names("富强 陆", "富强路") == []


def test_a_short_name_that_was_spelled_sound_by_sound_may_have_another_ending_of_the_same_sound() -> None:
    assert _names("夫 强 陆", "富强路") == ["富强路"]
    assert _names("夫 枪 陆", "富强路") == ["富强路"]
    assert _names("古 强 陆", "富强路") == []


def test_names_of_two_characters_are_never_guessed() -> None:
    assert _names("心 急", "新集") == []
    assert _names("新 集", "新集") == ["新集"]


def test_a_name_of_many_words_with_a_hesitation_in_it_is_found() -> None:
    assert _names("翠 呃 屏 小区") == ["翠屏小区"]
