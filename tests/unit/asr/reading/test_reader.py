import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.domain.chinese_text import joined
from asr.domain.reading.heard_turn import PAUSE
from asr.domain.reading.pieces import PieceKind, Reading, plain_reading
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from asr.domain.understanding import understand
from asr.domain.words import Speaker, Word
from tests.unit.asr.spoken import shipped_rules, spoken

MESSAGES = [
    ("路灯 不 亮", "路灯不亮"),
    ("路灯 三 天 了", "路灯3天了。"),
    ("满意", "满意"),
    ("不 满意", "不满意"),
    ("是 的", "是的"),
    ("您好 我 想 反映 一下 人民路 路灯 不 亮", "您好，我想反映一下人民路路灯不亮。"),
    ("喂 你好 我 家 停水 了", "喂你好，我家停水了。"),
    ("喂 /400 我 家 停水 了", "喂，我家停水了。"),
    ("小区 停水 了 /300 已经 三 天 了", "小区停水了，已经3天了。"),
    ("小区 停水 了 /700 电梯 也 坏 了", "小区停水了。电梯也坏了。"),
    ("小区 停水 了 /200 已经 三 天 了", "小区停水了已经3天了。"),
    ("小区 一直 停水 希望 尽快 解决 谢谢", "小区一直停水，希望尽快解决，谢谢。"),
    ("路灯 坏 了 谢谢", "路灯坏了，谢谢。"),
    ("谢谢 谢谢 您", "谢谢谢谢您。"),
    ("非常 感谢 你们", "非常感谢你们。"),
    ("我 要 谢谢 你们", "我要谢谢你们。"),
    ("可以 网上 办理 吗", "可以网上办理吗？"),
    ("可以 网上 办理 吗 谢谢", "可以网上办理吗？谢谢。"),
    ("可以 吗", "可以吗？"),
    ("居住证 怎么 办理", "居住证怎么办理？"),
    ("请问 居住证 怎么 办理 /800 需要 什么 材料", "请问居住证怎么办理？需要什么材料？"),
    ("为什么 没有 人 管", "为什么没有人管？"),
    ("什么 时候 能 修 好 /700 我们 等 了 三 天 了", "什么时候能修好？我们等了3天了。"),
    ("打 电话 怎么 也 打 不通", "打电话怎么也打不通。"),
    ("我 不 知道 归 谁 管", "我不知道归谁管。"),
    ("没 什么 问题 了", "没什么问题了。"),
    ("家里 有 几个 孩子", "家里有几个孩子。"),
    ("我 家 的 /400 电表 坏 了", "我家的电表坏了。"),
    ("我 家 的 /800 电表 坏 了", "我家的电表坏了。"),
    ("路灯 坏 /400 了", "路灯坏了"),
    ("我 住 在 /300 阳光小区 十 八 号楼", "我住在阳光小区18号楼。"),
    ("人民路 /400 十 八 号", "人民路18号。"),
    ("十 八 号楼 /300 三 单元 /300 五 零 二", "18号楼3单元502。"),
    ("我 的 电话 /300 是 幺 三 八 /400 零 零 幺 三 /500 八 零 零 零", "我的电话，是13800138000。"),
    ("幺 三 八 零 零 幺 三 八 零 零 零 幺 三 九 零 零 幺 三 九 零 零 零", "13800138000，13900139000。"),
    ("三 千 五 百 /300 块 钱", "3500块钱。"),
    ("我 用 wifi 上网", "我用wifi上网。"),
    ("我 打 call center 了 /700 ok thanks 再见", "我打call center了。ok thanks，再见。"),
    ("车牌 京 A 幺 二 三 四 五", "车牌京A12345。"),
    ("呃 我 我 家 /300 呃 /100 停水 了", "我家，停水了。"),
    ("八 一 小区 停电", "八一小区停电。"),
    ("五 一 路 三 号", "五一路3号。"),
    ("百 分 之 三十", "30%"),
    ("三个 人 两个 孩子", "3个人2个孩子。"),
    ("一百 多 块 钱", "100多块钱。"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "text"), MESSAGES)
def test_a_message_is_read_like_this(said: str, text: str) -> None:
    assert read(spoken(said), shipped_rules()).text == text


def test_two_speakers_have_turns() -> None:
    reading = read(spoken("坐席: 您好 请 讲 市民: 路灯 坏 了 三 天 了 坐席: 在 哪里"), shipped_rules())
    assert reading.text == "坐席：您好，请讲\n市民：路灯坏了3天了。\n坐席：在哪里"
    assert [piece.kind for piece in reading.pieces].count(PieceKind.TURN) == 3


def test_a_number_does_not_reach_into_the_next_turn() -> None:
    text = read(spoken("市民: 幺 三 八 零 零 幺 坐席: 三 八 零 零 零"), shipped_rules()).text
    assert "138001" in text
    assert "38000" in text


def test_what_was_heard_can_be_found_behind_a_figure_and_a_name() -> None:
    words = spoken("在 崔 平 小区 十 八 号楼")
    reading = read(words, shipped_rules())
    behind = {
        piece.kind: joined(word.text for word in words[piece.first_word : piece.end_word]) for piece in reading.pieces
    }
    assert reading.text == "在翠屏小区18号楼。"
    assert behind[PieceKind.NAME] == "崔平小区"
    assert behind[PieceKind.NUMBER] == "十八号楼"


def test_a_name_that_was_heard_right_is_marked_as_a_name() -> None:
    pieces = read(spoken("五 一 新 村 停水"), shipped_rules()).pieces
    assert (pieces[0].text, pieces[0].kind, pieces[0].end_word) == ("五一新村", PieceKind.NAME, 4)


def test_the_reading_is_a_part_of_the_understanding() -> None:
    words = spoken("路灯 三 天 了")
    assert understand(words, shipped_rules()).reading == read(words, shipped_rules())


def test_without_rules_words_are_read_as_they_were_heard() -> None:
    words = spoken("呃 三 个 人 /900 停水 了 吗 hello world")
    assert read(words, Rules()) == plain_reading(words)


# ---- whatever is said

_VOCABULARY = [
    *[
        "您好",
        "喂",
        "呃",
        "嗯",
        "我",
        "我们",
        "的",
        "了",
        "吗",
        "在",
        "是",
        "路灯",
        "坏",
        "停水",
        "谢谢",
        "希望",
        "人民路",
        "阳光小区",
        "崔",
        "平",
        "小区",
        "那个",
        "怎么",
        "wifi",
        "A",
    ],
    *[
        "零",
        "一",
        "二",
        "三",
        "五",
        "八",
        "九",
        "幺",
        "两",
        "十",
        "百",
        "千",
        "万",
        "点",
        "半",
        "个",
        "人",
        "块",
        "号",
        "号楼",
        "单元",
        "年",
        "月",
        "第",
        "百分之",
        "路",
        "京",
        "几",
        "多",
        "三个",
        "一百",
        "五一",
    ],
]
_WORDS = st.lists(
    st.tuples(
        st.sampled_from(_VOCABULARY) | st.text("路灯三十a 1，", max_size=3),
        st.sampled_from([0, 0, 0, 100, 300, 700]),
        st.sampled_from([Speaker.CITIZEN, Speaker.CITIZEN, Speaker.AGENT]),
    ),
    max_size=30,
)


def _words(drawn: list[tuple[str, int, Speaker]], *, one_speaker: bool = False) -> list[Word]:
    words, at_ms = [], 0
    for text, silence_ms, speaker in drawn:
        at_ms += silence_ms
        words.append(Word(text, at_ms, at_ms + 200, 1.0, Speaker.CITIZEN if one_speaker else speaker))
        at_ms += 200
    return words


def _covered(reading: Reading) -> list[int]:
    return [index for piece in reading.pieces for index in range(piece.first_word, piece.end_word)]


@given(_WORDS)
def test_pieces_are_in_order_and_within_the_words(drawn: list[tuple[str, int, Speaker]]) -> None:
    words = _words(drawn)
    reading = read(words, shipped_rules())
    covered = _covered(reading)
    assert covered == sorted(set(covered))
    assert all(0 <= index < len(words) for index in covered)
    assert all(piece.text for piece in reading.pieces)
    assert PAUSE not in reading.text
    ends = [piece.end_word for piece in reading.pieces]
    assert ends == sorted(ends)


@given(_WORDS)
def test_only_hesitations_and_stutters_are_not_read(drawn: list[tuple[str, int, Speaker]]) -> None:
    words = _words(drawn)
    hesitations = shipped_rules().reading.hesitations
    unread = set(range(len(words))) - set(_covered(read(words, shipped_rules())))
    for index in unread:
        text = words[index].text
        lists = (hesitations.always, hesitations.before_pause, hesitations.stutters)
        assert not text.strip() or any(text in each for each in lists)


@given(_WORDS)
def test_the_same_words_always_have_the_same_reading(drawn: list[tuple[str, int, Speaker]]) -> None:
    words = _words(drawn)
    assert read(words, shipped_rules()) == read(words, shipped_rules())


_PLAIN = st.lists(
    st.sampled_from(
        [
            "路灯",
            "不",
            "亮",
            "工地",
            "施工",
            "噪音",
            "太",
            "大",
            "请",
            "派人",
            "维修",
            "老人",
            "孩子",
            "车位",
            "被",
            "占用",
        ]
    ),
    max_size=20,
)


@given(_PLAIN, st.lists(st.sampled_from([0, 300, 700]), min_size=20, max_size=20))
def test_a_sentence_without_numbers_and_names_is_its_words_and_punctuation(
    texts: list[str], silences: list[int]
) -> None:
    words = _words([(text, ms, Speaker.CITIZEN) for text, ms in zip(texts, silences, strict=False)])
    reading = read(words, shipped_rules())
    assert "".join(piece.text for piece in reading.pieces if piece.kind is not PieceKind.PUNCTUATION) == joined(texts)
    assert set(reading.text) <= set(joined(texts)) | set("，。？")


@given(_WORDS)
def test_a_figure_and_a_name_are_read_again_as_themselves(drawn: list[tuple[str, int, Speaker]]) -> None:
    for piece in read(_words(drawn), shipped_rules()).pieces:
        if piece.kind in (PieceKind.NUMBER, PieceKind.NAME):
            again = read([Word(piece.text, 0, 200, 1.0)], shipped_rules())
            assert again.text.rstrip("。？") == piece.text.removeprefix(" ")  # which parts it from digits before it
