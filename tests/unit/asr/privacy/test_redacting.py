"""What identifies a person is hidden, in figures and in spoken digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.typed_words import typed_words
from asr.domain.privacy.personal_numbers import looks_like_id_card, passes_luhn
from asr.domain.privacy.redacting import find_redactions, redactions_in
from asr.domain.privacy.redaction import RedactionKind, masked
from asr.domain.reading.reader import read
from asr.domain.rules import Rules
from tests.unit.asr.shipped_rules import shipped_rules
from tests.unit.asr.spoken import spoken


def hidden(text: str) -> str:
    return masked(text, redactions_in(text, shipped_rules()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # telephone numbers
        ("我的电话是13800138000。", "我的电话是[电话]。"),
        ("打幺三八零零幺三八零零零找我", "打[电话]找我"),
        ("幺三八，零零幺三，嗯，八零零零", "[电话]"),
        ("电话幺三八，四个零，幺二三四", "电话[电话]"),
        ("138-0013-8000", "[电话]"),
        ("+86 138 0013 8000", "+[电话]"),
        ("13800138000，我再说一遍，13800138000", "[电话]"),
        ("13800138000，13900139000", "[电话]"),
        ("0533-2180000", "[电话]"),
        ("座机是2180000", "座机是[电话]"),
        ("我手机1380013800，少一位", "我手机[电话]，少一位"),
        ("电话是1380衣根0138本000", "电话是[电话]"),
        # small words between small groups
        ("幺三哎八零这零幺就三八的零零零", "[电话]"),
        ("我电话是幺三呢八零，啊，零幺那三八哎零零零", "我电话是[电话]"),
        ("身份证三七诶零三零三这一九九零就零三的零七二五幺X", "身份证[身份证]"),
        ("卡号六二哎二二零二这一二三四就五六七八", "卡号[银行卡]"),
        ("三栋就五号", "三栋就五号"),
        ("三栋就五号楼的二层漏水了", "三栋就五号楼的二层漏水了"),
        ("3天的2小时就5个人这8户呢9块", "3天的2小时就5个人这8户呢9块"),
        ("2023年的1200户就302户有水", "2023年的1200户就302户有水"),
        ("我的号码有13个这就8年的事", "我的号码有13个这就8年的事"),
        ("电话幺三八零零，您等一下，我看看，幺三八零零零", "电话[电话]"),
        ("打62834567楼上邻居的", "打[电话]楼上邻居的"),
        ("打62834567月底之前都行", "打[电话]月底之前都行"),
        # what is counted after a whole number
        ("电话13800138000，3号楼停水了", "电话[电话]，3号楼停水了"),
        ("13800138000就三天了", "[电话]就三天了"),
        ("电话13800138000，3号楼2单元501", "电话[电话]，[门牌]"),
        ("电话138嗯0013嗯8000人民路停水了", "电话[电话]人民路停水了"),
        ("电话13800138000，我再说一遍，1380人", "电话[电话]人"),
        # numbers of nobody
        ("我打了12345，也打了110和119", "我打了12345，也打了110和119"),
        ("客服4008123123没人接", "客服4008123123没人接"),
        ("工单号26112300017", "工单号26112300017"),
        ("20261124停的水", "20261124停的水"),
        ("欠了2180000元", "欠了2180000元"),
        ("三四个人等了一个小时", "三四个人等了一个小时"),
        # identity cards
        ("身份证号370303199003072510", "身份证号[身份证]"),
        ("三七零三零三一九九零零三零七二五幺X", "[身份证]"),
        ("三七零三零三，一九九零零三零七，二五一叉", "[身份证]"),
        ("37030319900307251", "[身份证]"),
        ("370303900307251", "[身份证]"),
        ("我的身份证是370303，不对，370303199003072510", "我的身份证是[身份证]"),
        ("身份证号37030319900307251X，电话13800138000", "身份证号[身份证]，电话[电话]"),
        # bank cards
        ("卡号是6222021234567890128", "卡号是[银行卡]"),
        ("卡号是622202123456", "卡号是[银行卡]"),
        ("6222 0212 3456 7890 128", "[银行卡]"),
        # number plates
        ("车牌鲁A12345堵着门", "车牌[车牌]堵着门"),
        ("鲁A·D12345", "[车牌]"),
        ("京B一二三四五", "[车牌]"),
        ("车牌号是四五幺二五零四", "车牌号是[车牌]"),
        ("粤B1234学", "[车牌]"),
        ("一辆白色的经87595堵在门口", "一辆白色的经[车牌]堵在门口"),
        ("车牌号是寓意14141", "车牌号是寓意[车牌]"),
        ("停车费收了50000元", "停车费收了50000元"),
        ("坐305路公交车等了20分钟", "坐305路公交车等了20分钟"),
        # hesitations that were misheard
        ("打135分6910根本95359行", "打[电话]行"),
        ("退到6232根本5679根本5499很3034很145", "退到[银行卡]"),
        ("2023年停了1200户", "2023年停了1200户"),
        # addresses
        ("阳光小区3号楼2单元501", "阳光小区[门牌]"),
        ("阳光小区三号楼二单元五零一室", "阳光小区[门牌]"),
        ("人民路120号3栋1201", "人民路120号[门牌]"),
        ("我家2单元5楼西户", "我家[门牌]"),
        ("我家5号楼302", "我家[门牌]"),
        ("住在12-3-501", "住在[门牌]"),
        ("302房间没有暖气", "[门牌]没有暖气"),
        ("我住302房", "我住[门牌]"),
        ("B302室漏水", "[门牌]漏水"),
        ("一百零二室漏水", "[门牌]漏水"),
        ("房间502没有暖气", "[门牌]没有暖气"),
        ("门牌号是五零二", "门牌号是[门牌]"),
        ("门牌号呢是3-502", "门牌号呢是[门牌]"),
        ("房号502，电话13800138000", "房号[门牌]，电话[电话]"),
        ("交了2000房租，还有3000房贷", "交了2000房租，还有3000房贷"),
        ("3室2厅，房间18度", "3室2厅，房间18度"),
        ("门牌号坏了20天", "门牌号坏了20天"),
        ("人民路的门牌号是120号", "人民路的门牌号是120号"),
        ("人民路120号没水了", "人民路120号没水了"),
        ("3号楼的电梯坏了", "3号楼的电梯坏了"),
    ],
)
def test_what_identifies_a_person_is_hidden_and_nothing_else(text: str, shown: str) -> None:
    assert hidden(text) == shown


def test_a_number_is_hidden_even_without_any_rules() -> None:
    redactions = redactions_in("打13800138000", Rules())
    assert [each.kind for each in redactions] == [RedactionKind.PHONE_NUMBER]


def test_a_redaction_knows_its_words_and_its_sound() -> None:
    words = typed_words("找我打幺三八零零幺三八零零零谢谢")
    reading = read(words, shipped_rules())
    (redaction,) = find_redactions(reading, words, shipped_rules())
    assert (redaction.first_word, redaction.end_word) == (3, 14)
    assert (redaction.start_ms, redaction.end_ms) == (words[3].start_ms, words[13].end_ms)
    assert reading.text[redaction.start_char : redaction.end_char] == "13800138000"


def test_a_number_goes_on_over_the_agents_mm() -> None:
    words = spoken("我 电话 幺三八 坐席: 嗯 市民: 零零幺三 坐席: 好的 嗯 市民: 八零零零")
    reading = read(words, shipped_rules())
    shown = masked(reading.text, find_redactions(reading, words, shipped_rules()))
    assert "138" not in shown
    assert "8000" not in shown


@pytest.mark.parametrize("last", "0123456789X")
def test_a_card_is_one_whatever_was_heard_of_its_check_character(last: str) -> None:
    assert looks_like_id_card(f"37030319900307251{last}")


def test_a_card_of_an_impossible_day_is_none() -> None:
    assert not looks_like_id_card("370303199002302511")
    assert not looks_like_id_card("370303219003072511")


def test_luhn() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")


digits = "零幺二三四五六七八九"
fillers = st.sampled_from(["路灯不亮", "我家停水了，", "谢谢。", "昨天晚上", "没有人管，", "3个人", ""])
numbers = st.one_of(
    st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    st.from_regex(r"0533[2-8]\d{6}", fullmatch=True),
    st.from_regex(r"[1-6]\d{5}19[5-9]\d(0[1-9]|1[0-2])(0[1-9]|1\d|2[0-8])\d{4}", fullmatch=True),
    st.from_regex(r"62\d{14,17}", fullmatch=True),
)
pauses = st.sampled_from(["", "", "，", "，嗯，", " ", "-", "。", "哎", "这", "就", "的", "啊，", "呢", "那个"])


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, str]:
    """A text with one number in it, said in groups; and the number."""
    number, is_spoken, group = draw(numbers), draw(st.booleans()), draw(st.integers(1, 4))
    said = "".join(
        (digits[int(digit)] if is_spoken else digit) + (draw(pauses) if place % group == group - 1 else "")
        for place, digit in enumerate(number)
    )
    return draw(fillers) + "，" + said + "，" + draw(st.sampled_from(["谢谢", "路灯不亮", ""])), number


@given(messages())
def test_nothing_of_a_number_can_be_read_in_the_masked_text(message: tuple[str, str]) -> None:
    text, number = message
    shown = hidden(text).translate({ord(word): str(value) for value, word in enumerate(digits)})
    readable = "".join(character for character in shown if character.isdigit())
    assert not any(number[start : start + 5] in readable for start in range(len(number) - 4))


@given(st.text(alphabet="0123456789零幺二三四五X，。 嗯个号楼单元室鲁A京的电话车牌", max_size=60))
def test_redactions_lie_within_the_text_and_never_overlap(text: str) -> None:
    redactions = redactions_in(text, shipped_rules())
    ends = [0]
    for each in redactions:
        assert ends[-1] <= each.start_char < each.end_char <= len(text)
        ends.append(each.end_char)


@given(st.text(alphabet="0123456789零幺二三四五，。嗯鲁A号楼单元电话是", max_size=60))
def test_redactions_of_heard_words_cover_words_and_sound(text: str) -> None:
    words = typed_words(text)
    reading = read(words, shipped_rules())
    for each in find_redactions(reading, words, shipped_rules()):
        assert 0 <= each.first_word < each.end_word <= len(words)
        assert words[each.first_word].start_ms == each.start_ms < each.end_ms == words[each.end_word - 1].end_ms


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "坐席：您的手机号多少？\n市民：138\n坐席：请慢一点。\n市民：1234\n坐席：请继续。\n市民：5678",
            "坐席：您的手机号多少？\n市民：[电话]",
        ),
        ("市民：幺三八幺二。\n坐席：请您再说一遍。\n市民：三四五六七八", "市民：[电话]"),
        (
            "市民：370303\n坐席：好的然后呢？\n市民：1990\n坐席：90年\n市民：0307\n坐席：请讲\n市民：2510",
            "市民：[身份证]",
        ),
        ("坐席：是138\n市民：没错\n坐席：12345678吗", "坐席：是[电话]吗"),
        ("市民：车牌鲁C\n坐席：嗯\n市民：12345", "市民：车牌[车牌]"),
        ("市民：3号楼\n坐席：几单元？\n市民：2单元\n坐席：几零几？\n市民：501", "市民：[门牌]"),
        ("坐席：门牌号是多少？\n市民：是五零二", "坐席：门牌号是多少？\n市民：是[门牌]"),
        ("坐席：几零几？\n市民：501", "坐席：几零几？\n市民：[门牌]"),
        ("坐席：车牌号多少？\n市民：四五幺二五", "坐席：车牌号多少？\n市民：[车牌]"),
        ("坐席：座机多少？\n市民：12345678", "坐席：座机多少？\n市民：[电话]"),
        ("坐席：您电话是138吗？\n市民：对，0013\n坐席：8000？", "坐席：您电话是[电话]？"),
        ("市民：138是吧\n坐席：嗯\n市民：对，0013\n坐席：您慢点说\n市民：8000", "市民：[电话]"),
        ("市民：138\n坐席：138\n市民：0013\n坐席：0013\n市民：8000", "市民：[电话]"),
        ("市民：坏了3天\n坐席：几号楼？\n市民：12号楼", "市民：坏了3天\n坐席：几号楼？\n市民：12号楼"),
        ("市民：等了20\n坐席：多久？\n市民：20分钟", "市民：等了20\n坐席：多久？\n市民：20分钟"),
    ],
)
def test_a_number_is_hidden_also_when_the_other_side_interrupts_it(text: str, shown: str) -> None:
    assert hidden(text) == shown
